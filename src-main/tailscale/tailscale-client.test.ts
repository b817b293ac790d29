import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { toErrorInfo } from '../contract/errors.ts';
import { nullLogger } from '../platform/testing/null-logger.ts';
import { programPlaces, socketPlace } from './places.ts';
import { TailscaleClient } from './tailscale-client.ts';
import { FakeTailscale } from './testing/fake-tailscale.ts';

let folder: string;
let daemon: Server | undefined;
let asked: { readonly url: string; readonly host: string | undefined; readonly origin: string | undefined }[];
let answers: Record<string, { readonly status?: number; readonly body: string }>;
let tailscale: FakeTailscale;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gangway-ts-'));
  asked = [];
  answers = {};
  tailscale = new FakeTailscale();
});
afterEach(async () => {
  daemon?.closeAllConnections();
  await new Promise<void>((resolve) => (daemon === undefined ? resolve() : daemon.close(() => resolve())));
  daemon = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function client(program = process.execPath): TailscaleClient {
  const env = { GANGWAY_TAILSCALE: program, GANGWAY_TAILSCALE_SOCKET: join(folder, 'ts.sock') };
  return new TailscaleClient({ runner: tailscale, log: nullLogger, env, platform: 'linux' });
}

async function startDaemon(): Promise<void> {
  daemon = createServer((request, response) => {
    const { host, origin } = request.headers;
    asked.push({ url: request.url ?? '', host, origin });
    const { status = 200, body } = answers[(request.url ?? '').replace('/localapi/v0/', '')] ?? {
      status: 404,
      body: '',
    };
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => daemon?.listen(join(folder, 'ts.sock'), resolve));
}

const STATUS = JSON.stringify({
  BackendState: 'Running',
  Self: { DNSName: 'a.b.ts.net.', UserID: 7 },
  CurrentTailnet: {},
});
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'fine',
    (error: unknown) => toErrorInfo(error).code,
  );

describe('where there is a socket', () => {
  it('asks the daemon itself, under the one name it takes, and runs no program', async () => {
    await startDaemon();
    answers = {
      'status?peers=false': { body: STATUS },
      'serve-config': { body: 'null' },
      prefs: { body: '{"ShieldsUp":true,"OperatorUser":"ann"}' },
    };
    const asking = client();
    expect((await asking.status()).dnsName).toBe('a.b.ts.net');
    expect(await asking.serveConfig()).toEqual({});
    expect(await asking.prefs()).toEqual({ shieldsUp: true, operator: 'ann' });
    expect(asked.map(({ host, origin }) => [host, origin])).toEqual(
      Array.from({ length: 3 }, () => ['local-tailscaled.sock', undefined]),
    );
    expect(tailscale.calls).toEqual([]);
  });

  it('takes its silence for the silence of the daemon, once it has answered', async () => {
    await startDaemon();
    answers = { 'status?peers=false': { body: STATUS } };
    const asking = client();
    await asking.status();
    daemon?.closeAllConnections();
    await new Promise<void>((resolve) => daemon?.close(() => resolve()));
    expect(await codeOf(asking.status())).toBe('tailscale/not-answering');
    expect(tailscale.calls).toEqual([]);
  });

  it('knows who has an address, and that nobody has it', async () => {
    await startDaemon();
    const peer = { Node: { ComputedName: 'phone', Tags: null }, UserProfile: { ID: 9, LoginName: 'bob@example.com' } };
    answers = {
      'whois?addr=fd7a%3A%3A5': { body: JSON.stringify(peer) },
      'whois?addr=1.1.1.1': { status: 404, body: 'no match' },
    };
    const asking = client();
    expect(await asking.whois('fd7a::5')).toEqual({
      userId: '9',
      login: 'bob@example.com',
      displayName: '',
      device: 'phone',
      isTagged: false,
    });
    expect(await asking.whois('1.1.1.1')).toBeUndefined();
  });

  it('throws rather than to give half an answer', async () => {
    await startDaemon();
    answers = { 'whois?addr=100.64.0.9': { body: '{"Node":{}}' }, 'status?peers=false': { body: '<html>' } };
    await expect(client().whois('100.64.0.9')).rejects.toThrow('nvalid');
    expect(await codeOf(client().status())).toBe('tailscale/claim-failed');
  });
});

describe('where there is none', () => {
  it('lets the program ask', async () => {
    tailscale.whoisAnswers.set('100.64.0.9', {
      Node: { Name: 'robot.b.ts.net.', Tags: ['tag:ci'] },
      UserProfile: { ID: 1, LoginName: 'tagged-devices' },
    });
    const asking = client();
    expect((await asking.status()).dnsName).toBe('laptop.tail1f3a.ts.net');
    expect(await asking.prefs()).toBeUndefined();
    expect(await asking.whois('100.64.0.9')).toMatchObject({ device: 'robot', isTagged: true });
    expect(await asking.whois('100.64.0.8')).toBeUndefined();
    expect(tailscale.calls).toEqual([
      'status --json --peers=false',
      'whois --json 100.64.0.9',
      'whois --json 100.64.0.8',
    ]);
  });

  it('says what is wrong: no program, no daemon, no answer in time', async () => {
    expect(await codeOf(client(join(folder, 'nothing')).status())).toBe('tailscale/not-installed');
    tailscale.isUp = false;
    expect(await codeOf(client().status())).toBe('tailscale/not-answering');
    tailscale.isUp = true;
    tailscale.fail({ on: 'status', hangs: true });
    expect(await codeOf(client().status())).toBe('tailscale/not-answering');
  });

  it('runs one program at a time', async () => {
    let running = 0;
    let most = 0;
    const run = tailscale.run.bind(tailscale);
    tailscale.run = async (...words) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return run(...words);
    };
    const asking = client();
    await Promise.all([asking.status(), asking.serveConfig(), asking.status(), asking.whois('1.1.1.1')]);
    expect(most).toBe(1);
  });
});

describe('the places of Tailscale', () => {
  it('are absolute, and those of the system', () => {
    const env = { PATH: '/opt/bin:relative:/usr/bin', ProgramFiles: String.raw`D:\Programs` };
    const linux = programPlaces({ platform: 'linux', env });
    expect(linux[0]).toBe('/opt/bin/tailscale');
    expect(linux.every((place) => place.startsWith('/'))).toBe(true);
    expect(programPlaces({ platform: 'darwin', env }).at(-1)).toBe(
      '/Applications/Tailscale.app/Contents/MacOS/Tailscale',
    );
    expect(programPlaces({ platform: 'win32', env })[0]).toContain('tailscale.exe');
    expect(socketPlace({ platform: 'linux', env })).toBe('/var/run/tailscale/tailscaled.sock');
    expect(socketPlace({ platform: 'win32', env })).toContain('ProtectedPrefix');
  });
});
