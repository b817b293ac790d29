import { describeError, toErrorInfo } from '../contract/errors.ts';
import type { Logger } from '../platform/ports.ts';
import type { SupervisorApi } from '../supervisor/supervisor-api.ts';
import type { ElectronApi } from './electron-api.ts';
import type { TrayCall, TrayCommand } from './tray-item.ts';
import type { WindowRoute } from './window-route.ts';

export interface TrayCommandDeps {
  readonly electron: Pick<ElectronApi, 'clipboard' | 'shell' | 'dialog'>;
  readonly handlers: SupervisorApi['handlers'];
  readonly openWindow: (route: WindowRoute) => void;
  readonly quit: () => void;
  readonly log: Logger;
}

/** Carries out what was chosen in the tray; a failure is shown, because there is no page that could show it. */
export async function runTrayCommand(command: TrayCommand, deps: TrayCommandDeps): Promise<void> {
  try {
    await carryOut(command, deps);
  } catch (error) {
    deps.log.warn('a command of the tray failed', { command: command.type, error });
    const { title, body, next } = describeError(toErrorInfo(error));
    await deps.electron.dialog.showMessageBox({ type: 'error', message: title, detail: `${body} ${next}` });
    // What is missing for it, and how it is mended, stands there.
    if (command.type === 'call' && command.call.name === 'exposure.apply') deps.openWindow('/exposure');
  }
}

async function carryOut(
  command: TrayCommand,
  { electron, handlers, openWindow, quit }: TrayCommandDeps,
): Promise<void> {
  switch (command.type) {
    case 'call':
      return makeCall(handlers, command.call);
    case 'open-window':
      return openWindow(command.route);
    case 'copy-text':
      return electron.clipboard.writeText(command.text);
    case 'show-file':
      // Shown in its folder and never opened: a path from the settings could be a program.
      return electron.shell.showItemInFolder(command.file);
    case 'quit':
      return quit();
  }
}

/** Written out, because the type checker cannot see that name and input belong together in a table. */
function makeCall(handlers: SupervisorApi['handlers'], call: TrayCall): Promise<void> {
  switch (call.name) {
    case 'gateway.use':
      return handlers['gateway.use'](call.input);
    case 'gateway.off':
      return handlers['gateway.off'](call.input);
    case 'gateway.retry':
      return handlers['gateway.retry'](call.input);
    case 'gateway.move':
      return handlers['gateway.move'](call.input);
    case 'gateway.set-engine':
      return handlers['gateway.set-engine'](call.input);
    case 'exposure.apply':
      return handlers['exposure.apply'](call.input);
    case 'gateway.attach':
      return handlers['gateway.attach'](call.input);
  }
}
