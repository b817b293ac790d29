import { expect, it } from 'vitest';

import { checkForward, remoteText } from './forward-form.ts';

it('takes the other computer and the same port where nothing is said', () => {
  expect(checkForward({ localPort: '', remoteHost: '', remotePort: '18790' })).toEqual({
    ok: true,
    forward: { localPort: 18_790, remoteHost: '127.0.0.1', remotePort: 18_790 },
  });
  expect(checkForward({ localPort: '8080', remoteHost: 'db.local', remotePort: '5432' })).toEqual({
    ok: true,
    forward: { localPort: 8_080, remoteHost: 'db.local', remotePort: 5_432 },
  });
});

it.each([
  [{ localPort: '', remoteHost: '', remotePort: '' }, ['remotePort', 'localPort']],
  [{ localPort: '0', remoteHost: '', remotePort: '80' }, ['localPort']],
  [{ localPort: '', remoteHost: '-oProxyCommand=id', remotePort: '80' }, ['remoteHost']],
  [{ localPort: '', remoteHost: 'a b', remotePort: '80' }, ['remoteHost']],
])('says beside the field what is wrong with %j', (values, fields) => {
  const checked = checkForward(values);
  expect(checked.ok ? [] : Object.keys(checked.problems)).toEqual(fields);
});

it('writes where a forward ends', () => {
  expect(remoteText({ localPort: 1, remoteHost: '::1', remotePort: 80 })).toBe('[::1]:80');
});
