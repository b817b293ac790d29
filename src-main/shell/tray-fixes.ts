import { describeError, type ErrorAction, type ErrorInfo } from '../contract/errors.ts';
import { isAwaited, LOCAL_GATEWAY, type GatewayView } from '../contract/snapshot.ts';
import { action, call, type TrayAction, type TrayCommand } from './tray-item.ts';
import type { WindowRoute } from './window-route.ts';

export const SHOW_FILE = 'Show the file';

type WithPort = Extract<ErrorInfo, { code: 'gateway/port-taken' | 'gateway/port-taken-by-gateway' }>;

/** A gateway that is not well, and where in the window it can be mended. */
export interface Patient {
  readonly gateway: GatewayView;
  readonly route: WindowRoute;
}

/** What a person can do about a state, the best remedy first. */
export function fixesOf(patient: Patient, cause: ErrorInfo): readonly TrayAction[] {
  return [...remedies(patient, cause), ...(isAwaited(cause) ? [] : [tryNow(patient.gateway)])];
}

/** Remedies that need something compared, chosen or typed: the window asks for it. */
const IN_WINDOW: Readonly<Partial<Record<ErrorAction, string>>> = {
  'trust-host-key': 'Trust this key…',
  'compare-host-keys': 'Compare the keys…',
  'trust-certificate': 'Compare the certificate…',
  'trust-network': 'Trust that network…',
  'choose-identity': 'Choose another key…',
  'enter-token': 'Enter the token…',
};

function remedies(patient: Patient, cause: ErrorInfo): readonly TrayAction[] {
  const remedy = describeError(cause).action;
  const inWindow = remedy === undefined ? undefined : IN_WINDOW[remedy];
  if (cause.code === 'ssh/no-credentials') return [fix(patient, 'Choose a key…', opens(patient))];
  if (inWindow !== undefined) return [fix(patient, inWindow, opens(patient))];
  if (remedy === 'use-system-ssh') return [switched(patient)];
  if (remedy === 'open-file') return fileOf(cause).map((file) => fix(patient, SHOW_FILE, { type: 'show-file', file }));
  if (!isAboutPort(cause)) return [];
  return remedy === 'attach' ? [...attached(patient), moved(patient, cause)] : [moved(patient, cause)];
}

/** Only our own gateway can give way to one that is already there; a forward cannot. */
function attached(patient: Patient): readonly TrayAction[] {
  const { gateway } = patient;
  if (gateway.id !== LOCAL_GATEWAY) return [];
  return [fix(patient, 'Attach', call({ name: 'gateway.attach', input: { id: gateway.id } }))];
}

function switched(patient: Patient): TrayAction {
  const input = { id: patient.gateway.id, engine: 'system-ssh' } as const;
  return fix(patient, "Use the system's ssh", call({ name: 'gateway.set-engine', input }));
}

function moved(patient: Patient, { params: { suggestedPort: port } }: WithPort): TrayAction {
  if (port === undefined) return fix(patient, 'Choose another port…', opens(patient));
  return fix(patient, `Move to port ${port}`, call({ name: 'gateway.move', input: { id: patient.gateway.id, port } }));
}

function tryNow(gateway: GatewayView): TrayAction {
  const command = call({ name: 'gateway.retry', input: { id: gateway.id } });
  return action(`retry:${gateway.id}`, 'Try now', { command });
}

/** The file that an error is about, where there is one. */
export function fileOf({ params }: ErrorInfo): readonly string[] {
  return 'file' in params ? [params.file] : [];
}

const opens = ({ route }: Patient): TrayCommand => ({ type: 'open-window', route });

function fix({ gateway }: Patient, text: string, command: TrayCommand): TrayAction {
  return action(`fix:${gateway.id}:${text}`, text, { command });
}

function isAboutPort(cause: ErrorInfo): cause is WithPort {
  return cause.code === 'gateway/port-taken' || cause.code === 'gateway/port-taken-by-gateway';
}
