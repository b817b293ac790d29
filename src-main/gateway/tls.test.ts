import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import type { TlsOptions } from '../contract/gateway-host.ts';
import { AppError } from '../contract/errors.ts';
import { nodeClock } from '../platform/node-clock.ts';
import type { RunningGateway } from './gateway.ts';
import { createSelfSigned } from './server/self-signed.ts';
import { startTestGateway } from './testing/gateway-harness.ts';

let folder: string;
let running: RunningGateway | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gangway-tls-'));
});
afterEach(async () => {
  await running?.stop('test is over');
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const files = (): TlsOptions => ({
  certFile: join(folder, 'made', 'cert.pem'),
  keyFile: join(folder, 'made', 'key.pem'),
  autoGenerate: true,
});

async function start(tls: TlsOptions, clock = nodeClock): Promise<RunningGateway> {
  running = await startTestGateway({ tls }, clock);
  return running;
}

/** Asks for `/healthz`; resolves with the status and the certificate that was shown. */
function ask(port: number): Promise<{ readonly status: number | undefined; readonly fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `https://127.0.0.1:${port}/healthz`,
      { rejectUnauthorized: false, agent: false },
      (answer) => {
        const { fingerprint256 } = (answer.socket as TLSSocket).getPeerCertificate();
        answer.resume().once('end', () => resolve({ status: answer.statusCode, fingerprint: fingerprint256 }));
      },
    );
    asked.once('error', reject).end();
  });
}

describe('a gateway with TLS', () => {
  it('makes a pair that only its owner reads, shows it, and keeps it', async () => {
    const tls = files();
    const first = await start(tls);
    expect(first.url).toBe(`https://127.0.0.1:${first.port}`);
    expect(await ask(first.port)).toEqual({ status: 200, fingerprint: first.fingerprint });
    expect(statSync(tls.keyFile).mode & 0o777).toBe(0o600);
    await first.stop('another start');
    const second = await start({ ...tls, autoGenerate: false });
    expect(second.fingerprint).toBe(first.fingerprint);
  });

  it('takes the gateway protocol over it', async () => {
    const { port } = await start(files());
    const socket = new WebSocket(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const frame = await new Promise<string>((resolve) =>
      socket.once('message', (data: Buffer) => resolve(data.toString('utf8'))),
    );
    expect(JSON.parse(frame)).toMatchObject({ type: 'event', event: 'connect.challenge' });
    socket.terminate();
  });

  it('answers nobody who does not speak it', async () => {
    const { port } = await start(files());
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
    expect((await ask(port)).status).toBe(200);
  });

  it('serves a renewed certificate without a restart', async () => {
    const tls = files();
    let look: (() => void) | undefined;
    // Only the certificate looks again after half a minute.
    const clock = {
      ...nodeClock,
      after: (delayMs: number, task: () => void) => {
        if (delayMs !== 30_000 || look !== undefined) return nodeClock.after(delayMs, task);
        look = task;
        return () => {};
      },
    };
    const { port, fingerprint } = await start(tls, clock);
    const renewed = await createSelfSigned(['127.0.0.1'], Date.now());
    writeFileSync(tls.certFile, renewed.cert);
    writeFileSync(tls.keyFile, renewed.key);
    look?.();
    await expect.poll(async () => (await ask(port)).fingerprint).not.toBe(fingerprint);
  });
});

describe('a pair that cannot be used', () => {
  const problem = async (tls: TlsOptions): Promise<unknown> => {
    const error: unknown = await start(tls).catch((reason: unknown) => reason);
    return error instanceof AppError && error.info.code === 'gateway/tls-unusable' ? error.info.params : error;
  };

  it('is never made where it is not wanted, and never over half of one', async () => {
    const certFile = join(folder, 'cert.pem');
    const keyFile = join(folder, 'key.pem');
    expect(await problem({ certFile, keyFile, autoGenerate: false })).toEqual({
      file: certFile,
      problem: 'it does not exist',
    });
    writeFileSync(keyFile, 'mine');
    expect(await problem({ certFile, keyFile, autoGenerate: true })).toEqual({
      file: certFile,
      problem: 'it does not exist',
    });
    expect(readFileSync(keyFile, 'utf8')).toBe('mine');
  });

  it.each([
    ['no certificate', 'cert', 'it holds no certificate'],
    ['no key', 'key', 'it holds no key that opens without a passphrase'],
    ['another key', 'other', 'it does not belong to the certificate'],
  ])('is told by its file: %s', async (_name, what, words) => {
    const [pair, other] = await Promise.all([createSelfSigned(['a'], Date.now()), createSelfSigned(['a'], Date.now())]);
    const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem'), autoGenerate: true };
    writeFileSync(tls.certFile, what === 'cert' ? 'none' : pair.cert);
    writeFileSync(tls.keyFile, what === 'key' ? 'none' : what === 'other' ? other.key : pair.key);
    expect(await problem(tls)).toEqual({ file: what === 'cert' ? tls.certFile : tls.keyFile, problem: words });
  });

  it('leaves nothing behind: the same home starts again', async () => {
    const home = join(folder, 'home');
    const bad = { certFile: join(folder, 'a'), keyFile: join(folder, 'b'), autoGenerate: false };
    await expect(startTestGateway({ home, tls: bad })).rejects.toThrow('gateway/tls-unusable');
    running = await startTestGateway({ home });
    expect(running.fingerprint).toBeUndefined();
  });
});
