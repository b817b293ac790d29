import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Fault } from './faults.ts';
import { DaemonClient } from './program/daemon-client.ts';
import { changeState, writeWhole, type FakeState } from './state.ts';

// `bin/steer FOLDER state|fault|no-faults|lag [JSON]`: see the README.

const [folder, order = '', json = '{}'] = process.argv.slice(2);
if (folder === undefined) throw new Error('which folder?');
const faults = join(folder, 'faults.json');

switch (order) {
  case 'state':
    changeState(folder, JSON.parse(json) as Partial<FakeState>);
    break;
  case 'fault': {
    const before = existsSync(faults) ? (JSON.parse(readFileSync(faults, 'utf8')) as readonly Fault[]) : [];
    writeWhole(faults, [...before, { ...(JSON.parse(json) as Fault), id: randomUUID() }]);
    break;
  }
  case 'no-faults':
    writeWhole(faults, []);
    break;
  case 'lag':
    await new DaemonClient(join(folder, 'ts.sock')).ask('POST', 'fake-lag');
    break;
  default:
    throw new Error('state, fault, no-faults or lag');
}
