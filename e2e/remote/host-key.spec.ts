import { readFile, writeFile } from 'node:fs/promises';

import { expect } from '@playwright/test';

import { runCli, startCli } from '../support/cli.ts';
import { addArguments, Desk, prepareLaptop } from '../support/desk.ts';
import { test } from '../support/fixtures.ts';
import { freePort } from '../support/free-port.ts';

test('from a terminal, a key is trusted once or replaced, by the fingerprint that was compared', async ({
  home,
  sshd,
}) => {
  await using desk = await Desk.start();
  await prepareLaptop(home, null);
  await using app = startCli(['app', '--headless'], { home });
  await app.waitForLine(/Switched off/);
  const known = await readFile(sshd.knownHostsFile, 'utf8');
  await writeFile(sshd.knownHostsFile, '');
  const words = addArguments('Studio', sshd, { remote: desk.port, local: await freePort() });
  await runCli([...words, '--token-file', desk.tokenFile], { home });
  const trust = async (...more: string[]) =>
    runCli(['gateways', 'trust', 'studio', '--fingerprint', await sshd.hostFingerprint(), ...more], { home });

  await test.step('once: it connects and nothing is written', async () => {
    expect(await runCli(['use', 'studio'], { home })).toMatchObject({ exitCode: 3 });
    expect((await trust('--once')).stdout).toContain('Studio: connected');
    expect(await readFile(sshd.knownHostsFile, 'utf8')).toBe('');
    await runCli(['off'], { home });
  });

  await test.step('a changed one is refused until it is replaced on purpose', async () => {
    await writeFile(sshd.knownHostsFile, `# mine\n${known}`);
    await sshd.changeHostKey();
    expect((await runCli(['use', 'studio'], { home })).exitCode).toBe(3);
    const refused = await trust();
    expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringContaining('different key')]);
    expect((await trust('--once')).exitCode).toBe(3);
    expect(await readFile(sshd.knownHostsFile, 'utf8')).toBe(`# mine\n${known}`);
    expect(await trust('--once', '--replace')).toMatchObject({ exitCode: 64 });
    const { stdout } = await runCli(['status', '--json'], { home });
    expect(stdout).toContain(`gangway gateways trust Studio --fingerprint ${await sshd.hostFingerprint()} --replace`);
    expect((await trust('--replace')).stdout).toContain('Studio: connected');
    expect(await readFile(sshd.knownHostsFile, 'utf8')).toMatch(/^# mine\n\[127\.0\.0\.1\]:\d+ ssh-ed25519 \S+\n$/);
  });

  await test.step('a revoked one never', async () => {
    await runCli(['off'], { home });
    const [, type, key] = (await readFile(`${sshd.folder}/host_key.pub`, 'utf8')).match(/^(\S+) (\S+)/) ?? [];
    const revoked = `@revoked * ${type} ${key}\n${known}`;
    await writeFile(sshd.knownHostsFile, revoked);
    await runCli(['use', 'studio'], { home });
    expect((await trust('--replace')).stderr).toContain('revoked');
    expect(await readFile(sshd.knownHostsFile, 'utf8')).toBe(revoked);
  });
});
