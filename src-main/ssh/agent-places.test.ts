import { expect, it } from 'vitest';

import { agentPlaces, WINDOWS_AGENT } from './agent-places.ts';

const SUFFIX = '0123456789abcdef'.repeat(4);
const PAGEANT = String.raw`\\.\pipe\pageant.Ann.` + SUFFIX;
const listPipes = async () => [
  'lsass',
  'openssh-ssh-agent',
  `pageant.bob.${SUFFIX}`,
  `pageant.Ann.${SUFFIX}`,
  `pageant.ann.short`,
  `pageant.annabel.${SUFFIX}`,
];
const windows = (agentSocket?: string) => ({
  machine: { agentSocket, platform: 'win32', userName: 'ann' } as const,
  listPipes,
});
const linux = { machine: { agentSocket: '/run/agent', platform: 'linux', userName: 'ann' } as const };

it('is SSH_AUTH_SOCK alone where there are no named pipes', async () => {
  expect(await agentPlaces('/run/agent', linux)).toEqual(['/run/agent']);
});

it('is SSH_AUTH_SOCK, then the agent of Windows, then the Pageant of this user', async () => {
  expect(await agentPlaces('//./pipe/other', windows('//./pipe/other'))).toEqual([
    '//./pipe/other',
    WINDOWS_AGENT,
    PAGEANT,
  ]);
  expect(await agentPlaces(WINDOWS_AGENT, windows())).toEqual([WINDOWS_AGENT, PAGEANT]);
});

it('is only the one that the configuration names, or none', async () => {
  expect(await agentPlaces('//./pipe/chosen', windows())).toEqual(['//./pipe/chosen']);
  expect(await agentPlaces(undefined, windows())).toEqual([]);
});

it('does without Pageant when the pipes cannot be listed', async () => {
  const denied = { ...windows(), listPipes: () => Promise.reject(new Error('EPERM')) };
  expect(await agentPlaces(WINDOWS_AGENT, denied)).toEqual([WINDOWS_AGENT]);
});
