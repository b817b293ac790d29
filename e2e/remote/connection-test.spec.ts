import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

import { expect } from '@playwright/test';

import { runCli, startCli, type CliResult } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';
import type { PrivateSshd } from '../support/private-sshd.ts';

const STEPS = ['dns', 'tcp', 'host-key', 'authentication', 'forward', 'gateway', 'protocol', 'token', 'pairing'];

interface Words {
  readonly target?: string;
  readonly remotePort: number;
  readonly more?: readonly string[];
}

const testArguments = (sshd: PrivateSshd, { target = sshd.target, remotePort, more = [] }: Words): string[] => [
  'test',
  target,
  '--remote-port',
  String(remotePort),
  '--identity',
  sshd.identityFile,
  '--known-hosts',
  sshd.knownHostsFile,
  ...more,
];

interface StepLine {
  readonly step?: string;
  readonly status: string;
  readonly failed?: string | null;
  readonly cause?: { readonly code: string };
}

const linesOf = ({ stdout }: CliResult): StepLine[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StepLine);

/** Every step before `step` is ok, that one failed with `code`, and those behind it were not tried. */
function expectFailureAt(result: CliResult, step: string, code: string): void {
  const lines = linesOf(result);
  const at = STEPS.indexOf(step);
  const status = (index: number): string => (index < at ? 'ok' : index === at ? 'failed' : 'skipped');
  expect(lines.slice(0, -1).map((line) => `${line.step} ${line.status}`)).toEqual(
    STEPS.map((name, index) => `${name} ${status(index)}`),
  );
  expect(lines[at]?.cause?.code).toBe(code);
  expect(lines.at(-1)).toEqual({ status: 'done', failed: step });
}

test('all steps are well, each with what was found', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  const words = { remotePort: desk.port, more: ['--token-file', desk.tokenFile] };
  const { exitCode, stdout, stderr } = await runCli(testArguments(sshd, words), { home });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(STEPS.length);
  for (const line of lines) expect(line).toMatch(/^✓ /);
  expect(lines[1]).toMatch(new RegExp(`^✓ TCP +\\d+ ms  ${sshd.host}:${sshd.port}$`));
  expect(lines[2]).toContain(await sshd.hostFingerprint());
  expect(lines[4]).toContain(`127.0.0.1:${desk.port}`);
  expect(stdout).not.toContain(await desk.token());
});

test('without a token the sign-in is skipped, and that is no failure', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  const env = { OPENCLAW_GATEWAY_TOKEN: 'of-another-gateway' };
  const result = await runCli(testArguments(sshd, { remotePort: desk.port, more: ['--json'] }), { home, env });
  expect(result.exitCode).toBe(0);
  const lines = linesOf(result);
  expect(lines.slice(5)).toMatchObject([
    { step: 'gateway', status: 'ok' },
    { step: 'protocol', status: 'ok' },
    { step: 'token', status: 'skipped', found: 'no token was given' },
    { step: 'pairing', status: 'skipped' },
    { status: 'done', failed: null },
  ]);
});

test('a name that nobody knows fails at DNS', async ({ home, sshd }) => {
  const words = { target: 'me@nowhere.invalid', remotePort: 1, more: ['--json'] };
  const result = await runCli(testArguments(sshd, words), { home });
  expect(result.exitCode).toBe(2);
  expectFailureAt(result, 'dns', 'ssh/host-unknown');
});

test('a port that is closed fails at TCP', async ({ home, sshd }) => {
  const words = { target: `${sshd.user}@127.0.0.1:${await freePort()}`, remotePort: 1, more: ['--json'] };
  const result = await runCli(testArguments(sshd, words), { home });
  expect(result.exitCode).toBe(2);
  expectFailureAt(result, 'tcp', 'ssh/host-unreachable');
});

test('an unknown host key fails at the host key, and nobody signs in', async ({ home, sshd }) => {
  await writeFile(sshd.knownHostsFile, '');
  const result = await runCli(testArguments(sshd, { remotePort: 1, more: ['--json'] }), { home });
  expect(result.exitCode).toBe(3);
  expectFailureAt(result, 'host-key', 'ssh/host-key-unknown');
  expect(sshd.logs).not.toContain('Accepted publickey');
});

test('a refused key fails at the sign-in, with the next step in words', async ({ home, sshd }) => {
  await writeFile(sshd.authorizedKeysFile, '');
  const result = await runCli(testArguments(sshd, { remotePort: 1, more: ['--json'] }), { home });
  expect(result.exitCode).toBe(3);
  expectFailureAt(result, 'authentication', 'ssh/auth-rejected');
  const { stdout } = await runCli(testArguments(sshd, { remotePort: 1 }), { home });
  expect(stdout).toMatch(/✗ Sign-in +\d+ ms {2}127\.0\.0\.1 did not accept your key\n {4}\S.*\n {4}\S/);
});

test('a key file that cannot be read fails at the sign-in, behind a host key that is well', async ({ home, sshd }) => {
  await writeFile(sshd.identityFile, 'no key');
  const result = await runCli(testArguments(sshd, { remotePort: 1, more: ['--json'] }), { home });
  expect(result.exitCode).toBe(3);
  expectFailureAt(result, 'authentication', 'ssh/identity-unreadable');
});

test('a port that is closed over there fails at the forward', async ({ home, sshd }) => {
  const words = { remotePort: await freePort(), more: ['--json'] };
  const result = await runCli(testArguments(sshd, words), { home });
  expect(result.exitCode).toBe(2);
  expectFailureAt(result, 'forward', 'ssh/forward-refused');
  expect(result.stdout).not.toContain('by itself');
});

test('a web server over there fails at the gateway, named by its own address', async ({ home, sshd }) => {
  const stranger = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'));
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const remotePort = (stranger.address() as AddressInfo).port;
  try {
    const result = await runCli(testArguments(sshd, { remotePort, more: ['--json'] }), { home });
    expect(result.exitCode).toBe(2);
    expectFailureAt(result, 'gateway', 'gateway/not-a-gateway');
    expect(result.stdout).toContain(`127.0.0.1:${remotePort} on ${sshd.target}`);
  } finally {
    stranger.close();
  }
});

test('a wrong token fails at the token and is said nowhere', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  const words = { remotePort: desk.port, more: ['--token-file', '-', '--json'] };
  const result = await runCli(testArguments(sshd, words), { home, input: 'not-the-token-of-that-gateway\n' });
  expect(result.exitCode).toBe(3);
  expectFailureAt(result, 'token', 'gateway/token-mismatch');
  expect(result.stdout + result.stderr).not.toContain('not-the-token');
});

test('a port that takes connections and says nothing fails at the gateway as silent', async ({ home, sshd }) => {
  const mute = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  try {
    const words = { remotePort: (mute.address() as AddressInfo).port, more: ['--json'] };
    const result = await runCli(testArguments(sshd, words), { home });
    expect(result.exitCode).toBe(2);
    expectFailureAt(result, 'gateway', 'gateway/silent');
    await expect.poll(() => new Promise((resolve) => mute.getConnections((_error, count) => resolve(count)))).toBe(0);
  } finally {
    mute.close();
  }
});

test('hosts on the way are named, and a failure behind them is told at its step', async ({ home, sshd }) => {
  const sshConfig = join(home, 'ssh_config');
  const server = `  HostName ${sshd.host}\n  Port ${sshd.port}\n  User ${sshd.user}\n`;
  await writeFile(sshConfig, `Host studio\n${server}  ProxyJump bastion\n\nHost bastion\n${server}`);
  const words = { target: 'studio', remotePort: await freePort(), more: ['--ssh-config', sshConfig, '--json'] };
  const result = await runCli(testArguments(sshd, words), { home });
  expect(result.exitCode).toBe(2);
  expectFailureAt(result, 'forward', 'ssh/forward-refused');
  expect(linesOf(result)[0]).toMatchObject({ step: 'dns', found: 'through bastion' });
  await writeFile(sshd.authorizedKeysFile, '');
  expectFailureAt(await runCli(testArguments(sshd, words), { home }), 'authentication', 'ssh/auth-rejected');
});

test('a gateway of the list is tested by its name, also when no app runs', async ({ home, sshd }) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  const app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli([...words, '--token-file', desk.tokenFile], { home });
  const url = `ws://127.0.0.1:${desk.port}`;
  await runCli(['gateways', 'add', 'Here', '--url', url, '--token-file', desk.tokenFile], { home });
  const direct = ['dns', 'tcp', 'gateway', 'protocol', 'token', 'pairing'];
  const well = (steps: readonly string[]) => steps.map((step) => `${step} ok`);
  const stepsOf = async (name: string) => {
    const result = await runCli(['test', name, '--json'], { home });
    return linesOf(result).flatMap(({ step, status }) => (step === undefined ? [] : [`${step} ${status}`]));
  };
  for (const isRunning of [true, false]) {
    expect(await stepsOf('studio'), `${isRunning}`).toEqual(well(STEPS));
    expect(await stepsOf('here')).toEqual(well(direct));
    if (isRunning) {
      // Switched off, so nothing listens: that is what the test says.
      expect((await stepsOf('local')).slice(0, 2)).toEqual(['tcp failed', 'gateway skipped']);
      await app.stop();
    }
  }
});

test('a certificate that nobody vouches for fails at TLS, and no token is sent', async ({ home }) => {
  const folder = await mkdtemp(join(tmpdir(), 'gw-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=localhost'], {
    stdio: 'ignore',
  });
  let heard = '';
  const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (socket) => {
    socket.on('error', () => undefined).on('data', (data: Buffer) => (heard += data.toString()));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await prepareLaptop(home, null);
    await using app = startCli(['app', '--headless'], { home });
    await app.waitForLine(/Switched off/);
    const url = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await runCli(['gateways', 'add', 'Home', '--url', url, '--token-file', '-'], { home, input: 's3cret-s3cret' });
    const result = await runCli(['test', 'home', '--json'], { home });
    expect(result.exitCode).toBe(3);
    expect(linesOf(result).slice(0, 4)).toMatchObject([
      { step: 'dns', status: 'ok' },
      { step: 'tcp', status: 'ok' },
      { step: 'tls', status: 'failed', cause: { code: 'gateway/certificate-invalid' } },
      { step: 'gateway', status: 'skipped' },
    ]);
    expect(heard).toBe('');
    expect((await runCli(['use', 'home'], { home })).stdout).toContain('certificate of the gateway is not good');
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
});
