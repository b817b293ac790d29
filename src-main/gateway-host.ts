import { hostname, userInfo } from 'node:os';

import { toErrorInfo, type ErrorInfo } from './contract/errors.ts';
import type { GatewayRunOptions, HostCommand, HostReport } from './contract/gateway-host.ts';
import { startExposedGateway, type ExposedGateway } from './exposed-gateway/exposed-gateway.ts';
import { createJsonLineSink } from './logging/json-line-sink.ts';
import { createLogger } from './logging/logger.ts';
import { createRedactor } from './logging/redact.ts';
import { nodeClock } from './platform/node-clock.ts';
import { createCompanionStarter } from './platform/node-companion.ts';
import { createNodeFiles } from './platform/node-files.ts';
import { createNodeProgramRunner } from './platform/node-program-runner.ts';
import { outliveRejections } from './platform/outlive-rejections.ts';
import { connectToParent } from './platform/parent-port.ts';
import { keepHeapSmall } from './platform/small-heap.ts';

keepHeapSmall();
const redactor = createRedactor();
const log = createLogger(createJsonLineSink(process.stderr, { redact: redactor.redact }), 'gateway');
outliveRejections(log);
let gateway: Promise<ExposedGateway> | undefined;

const parent = connectToParent<HostReport>({
  onMessage: (message) => void obey(message as HostCommand),
  // Without its parent nobody could reach, see or stop this gateway.
  onLost: () => void stop('parent is gone'),
});
// Ctrl+C in a terminal goes to the whole group; the parent decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop('terminated'));
parent.send({ type: 'ready' });

async function obey(command: HostCommand): Promise<void> {
  switch (command.type) {
    case 'start':
      return start(command.options);
    case 'stop':
      return stop(command.reason);
    case 'plan-exposure': {
      const { id, wish } = command;
      const plan = await (await running()).exposure.plan(wish);
      return parent.send({ type: 'planned', id, plan });
    }
    case 'count-devices': {
      const { id } = command;
      const devices = await (await running()).exposure.devices();
      return parent.send({ type: 'devices-counted', id, devices });
    }
    case 'expose': {
      const { id, wish } = command;
      const error = await (await running()).exposure.expose(wish).then(nothing, toErrorInfo);
      return parent.send({ type: 'exposed', id, error });
    }
  }
}

function nothing(): ErrorInfo | undefined {
  return undefined;
}

function running(): Promise<ExposedGateway> {
  return gateway ?? Promise.reject(new Error('a question before the start'));
}

async function start(options: GatewayRunOptions): Promise<void> {
  const { platform, env } = process;
  try {
    gateway = startExposedGateway(options, {
      files: createNodeFiles(),
      clock: nodeClock,
      log,
      runner: createNodeProgramRunner(),
      companions: createCompanionStarter({ env, platform }),
      random: Math.random,
      env,
      platform,
      userName: userInfo().username,
      computer: hostname(),
      hide: (secret) => redactor.add(secret),
      onAccess: (access) => parent.send({ type: 'access-changed', access }),
      onMoved: (url, cause) => parent.send({ type: 'moved', url, cause }),
      onExposure: (view) => parent.send({ type: 'exposure-changed', view }),
    });
    const started = await gateway;
    const { port, url, fingerprint } = started;
    parent.send({ type: 'listening', port, url, fingerprint });
    started.begin();
  } catch (error) {
    log.error('the gateway could not be started', { error });
    parent.send({ type: 'failed', error: toErrorInfo(error) });
  }
}

async function stop(reason: string): Promise<void> {
  const started = await gateway?.catch(() => undefined);
  await started?.stop(reason);
  parent.send({ type: 'stopped' });
  process.exit(0);
}
