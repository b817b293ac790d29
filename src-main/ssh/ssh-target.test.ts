import { expect, it } from 'vitest';

import { toErrorInfo, type ErrorInfo } from '../contract/errors.ts';
import { parseTarget } from './ssh-target.ts';

it.each([
  ['studio', { host: 'studio', port: undefined, user: undefined }],
  ['ann@studio', { host: 'studio', port: undefined, user: 'ann' }],
  ['ann@studio:2222', { host: 'studio', port: 2222, user: 'ann' }],
  ['studio.tail1234.ts.net:22', { host: 'studio.tail1234.ts.net', port: 22, user: undefined }],
  ['ann@[fe80::1%eth0]:2222', { host: 'fe80::1%eth0', port: 2222, user: 'ann' }],
  ['[::1]', { host: '::1', port: undefined, user: undefined }],
  ['[studio]:22', { host: 'studio', port: 22, user: undefined }],
  ['::1', { host: '::1', port: undefined, user: undefined }],
  ['ann@corp@studio', { host: 'studio', port: undefined, user: 'ann@corp' }],
  ['CORP\\ann@studio', { host: 'studio', port: undefined, user: 'CORP\\ann' }],
  ['münchen_2', { host: 'münchen_2', port: undefined, user: undefined }],
])('reads %s', (text, target) => {
  expect(parseTarget(text)).toEqual(target);
});

it.each([
  ['', 'it is empty'],
  ['-oProxyCommand=id', 'the host begins with “-”'],
  ['ann@-oProxyCommand=id', 'the host begins with “-”'],
  ['-l@studio', 'the user begins with “-”'],
  ['@studio', 'the user before “@” is missing'],
  ['ann@', 'the host is missing'],
  [':22', 'the host is missing'],
  ['a b', 'it contains a space or a control character'],
  ['studio\n', 'it contains a space or a control character'],
  ['stu\u202Edio', 'it contains a space or a control character'],
  ['$(id)', 'the host contains a character of the shell'],
  ['a;id', 'the host contains a character of the shell'],
  ['`id`@studio', 'the user contains a character of the shell'],
  ['studio:0', 'the port is not a number from 1 to 65535'],
  ['studio:65536', 'the port is not a number from 1 to 65535'],
  ['studio:22x', 'the port is not a number from 1 to 65535'],
  ['studio:', 'the port is not a number from 1 to 65535'],
  ['a:b:c', 'the host is not a name or an address'],
  ['ssh://studio', 'the port is not a number from 1 to 65535'],
])('refuses %j', (text, problem) => {
  expect(failureOf(text)).toMatchObject({ code: 'ssh/target-invalid', params: { problem } });
});

it('shows a hostile target harmlessly', () => {
  const target = `\uFFFD[31m${'x'.repeat(195)}`;
  expect(failureOf(`\u001B[31m${'x'.repeat(500)}`)).toMatchObject({ params: { target } });
});

function failureOf(text: string): ErrorInfo | undefined {
  try {
    parseTarget(text);
    return undefined;
  } catch (error) {
    return toErrorInfo(error);
  }
}
