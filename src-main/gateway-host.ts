import { hostname } from 'node:os';

import { toErrorInfo } from './contract/errors.ts';
import type { HostCommand, HostReport } from './contract/gateway-host.ts';
import { startGateway, type RunningGateway } from './gateway/gateway.ts';
import { createJsonLineSink } from './logging/json-line-sink.ts';
import { createLogger } from './logging/logger.ts';
import { createRedactor } from './logging/redact.ts';
import { nodeClock } from './platform/node-clock.ts';
import { connectToParent } from './platform/parent-port.ts';

const redactor = createRedactor();
const log = createLogger(createJsonLineSink(process.stderr, { redact: redactor.redact }), 'gateway');
let gateway: Promise<RunningGateway> | undefined;

const parent = connectToParent<HostReport>({
  onMessage: (message) => void obey(message as HostCommand),
  // Without its parent nobody could reach, see or stop this gateway.
  onLost: () => void stop('parent is gone'),
});
// Ctrl+C in a terminal goes to the whole group; the parent decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop('terminated'));
parent.send({ type: 'ready' });

function obey(command: HostCommand): Promise<void> {
  return command.type === 'start' ? start(command.options) : stop(command.reason);
}

async function start(options: Parameters<typeof startGateway>[0]): Promise<void> {
  if (options.auth.mode === 'token') redactor.add(options.auth.token);
  if (options.auth.mode === 'password') redactor.add(options.auth.password);
  gateway = startGateway(options, { clock: nodeClock, log, computer: hostname() });
  try {
    const { port, url } = await gateway;
    parent.send({ type: 'listening', port, url });
  } catch (error) {
    log.error('the gateway could not be started', { error });
    parent.send({ type: 'failed', error: toErrorInfo(error) });
  }
}

async function stop(reason: string): Promise<void> {
  const running = await gateway?.catch(() => undefined);
  await running?.stop(reason);
  parent.send({ type: 'stopped' });
  process.exit(0);
}
