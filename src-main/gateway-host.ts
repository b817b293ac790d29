import { hostname } from 'node:os';

import { followConfig } from './config/config-reload.ts';
import { GatewayConfigFile } from './config/gateway-config-file.ts';
import { toErrorInfo } from './contract/errors.ts';
import {
  accessOf,
  secretsOf,
  type GatewayRunOptions,
  type HostCommand,
  type HostReport,
} from './contract/gateway-host.ts';
import { startGateway, type RunningGateway } from './gateway/gateway.ts';
import { createJsonLineSink } from './logging/json-line-sink.ts';
import { createLogger } from './logging/logger.ts';
import { createRedactor } from './logging/redact.ts';
import { nodeClock } from './platform/node-clock.ts';
import { createNodeFiles } from './platform/node-files.ts';
import { connectToParent } from './platform/parent-port.ts';
import { keepHeapSmall } from './platform/small-heap.ts';

keepHeapSmall();
const redactor = createRedactor();
const log = createLogger(createJsonLineSink(process.stderr, { redact: redactor.redact }), 'gateway');
const files = createNodeFiles();
let gateway: Promise<RunningGateway> | undefined;
let unfollow = (): void => {};

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
  switch (command.type) {
    case 'start':
      return start(command.options);
    case 'stop':
      return stop(command.reason);
    case 'plan-exposure':
    case 'expose':
      return Promise.reject(new Error('no client of Tailscale yet'));
  }
}

async function start(options: GatewayRunOptions): Promise<void> {
  hide(options);
  const { configFile } = options;
  const config = new GatewayConfigFile(configFile, files);
  gateway = startGateway(options, { clock: nodeClock, log, computer: hostname(), config });
  try {
    const running = await gateway;
    const { port, url, fingerprint } = running;
    const place = { options, url };
    running.onMoved((next) => {
      parent.send({ type: 'moved', url: next });
      if (next === undefined) return;
      place.url = next;
      parent.send({ type: 'access-changed', access: accessOf(place.options, next) });
    });
    unfollow = await followConfig(configFile, options, {
      files,
      clock: nodeClock,
      log,
      apply: (next) => {
        hide(next);
        running.reload(next);
        place.options = next;
        parent.send({ type: 'access-changed', access: accessOf(next, place.url) });
      },
    });
    parent.send({ type: 'listening', port, url, fingerprint });
    parent.send({ type: 'access-changed', access: accessOf(options, url) });
  } catch (error) {
    log.error('the gateway could not be started', { error });
    parent.send({ type: 'failed', error: toErrorInfo(error) });
  }
}

function hide(options: GatewayRunOptions): void {
  for (const secret of secretsOf(options)) redactor.add(secret);
}

async function stop(reason: string): Promise<void> {
  unfollow();
  const running = await gateway?.catch(() => undefined);
  await running?.stop(reason);
  parent.send({ type: 'stopped' });
  process.exit(0);
}
