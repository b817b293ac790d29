import { expect, it } from 'vitest';

import { readLogLine, type SshLogEvent } from './ssh-log.ts';

/** Lines of OpenSSH 9.2, and one of 10.0, with the number 4693. */
const LINES: readonly (readonly [string, SshLogEvent])[] = [
  [
    'debug1: sshconnect.c:verify_host_key():1477 (pid=4693): Server host key: ssh-ed25519 SHA256:C/euMdg9DXrncnX1G/uvHHKVntlHSvYoUSRfKZGUwAk',
    {
      type: 'host-key-shown',
      keyType: 'ssh-ed25519',
      fingerprint: 'SHA256:C/euMdg9DXrncnX1G/uvHHKVntlHSvYoUSRfKZGUwAk',
    },
  ],
  [
    'debug1: sshconnect2.c:userauth_pubkey():1890 (pid=4693): Offering public key: /ann/my keys/id ED25519 SHA256:LjGUnI/9C5+EmAI5NjLw3CGFxOMjzHUGZLcI+XYbB3M explicit',
    { type: 'key-offered', name: 'id' },
  ],
  [
    'debug1: sshconnect2.c:input_userauth_pk_ok():840 (pid=4693): Server accepts key: ann@laptop ED25519-CERT SHA256:LjGUnI/9C5+EmAI5NjLw3CGFxOMjzHUGZLcI+XYbB3M agent',
    { type: 'key-accepted', name: 'ann@laptop' },
  ],
  [
    'debug2: nchan.c:chan_rcvd_ieof():259 (bin=/ann (work)/bin/ssh, pid=4693): channel 4: rcvd eof',
    { type: 'channel-ended', channel: 4 },
  ],
  ['Authenticated to 127.0.0.1 ([127.0.0.1]:21422) using "publickey".', { type: 'signed-in', method: 'publickey' }],
  ['Authenticated to studio (via proxy) using "none".', { type: 'signed-in', method: 'none' }],
  ['debug1: clientloop.c:client_loop():1290 (pid=4693): Entering interactive session.', { type: 'session-began' }],
  [
    'debug1: channels.c:channel_post_port_listener():3950 (pid=4693): Connection to port -2 forwarding to ::1 port 18789 requested.',
    { type: 'connection-accepted', host: '::1', port: 18_789 },
  ],
  [
    'debug1: channels.c:channel_new():503 (pid=4693): channel 2: new direct-tcpip [direct-tcpip] (inactive timeout: 0)',
    { type: 'channel-created', channel: 2 },
  ],
  [
    'debug1: channels.c:channel_new():503 (pid=4693): channel 0: new unix-listener [unix listener] (inactive timeout: 0)',
    { type: 'noise' },
  ],
  [
    'debug2: channels.c:channel_input_open_confirmation():3518 (pid=4693): channel 2: open confirm rwindow 2097152 rmax 32768',
    { type: 'channel-opened', channel: 2 },
  ],
  [
    'channel 3: open failed: connect failed: Connection refused',
    { type: 'channel-refused', channel: 3, reason: 'connect failed: Connection refused' },
  ],
  ['debug2: nchan.c:chan_rcvd_ieof():190 (pid=4693): channel 2: rcvd eof', { type: 'channel-ended', channel: 2 }],
  ['debug2: nchan.c:chan_rcvd_oclose():220 (pid=4693): channel 2: rcvd close', { type: 'channel-closed', channel: 2 }],
  [
    'debug1: sshconnect.c:kex_exchange_identification():1300 (pid=4693): banner line 0: Not allowed at this time',
    { type: 'said', text: 'Not allowed at this time' },
  ],
  [
    'clientloop.c:client_loop():1525 (pid=4693): Transferred: sent 3536, received 3332 bytes, in 2.8 seconds',
    { type: 'noise' },
  ],
  ['debug1: Reading configuration data /etc/ssh/ssh_config', { type: 'noise' }],
  ['', { type: 'noise' }],
  ['Host key verification failed.', { type: 'said', text: 'Host key verification failed.' }],
];

it.each(LINES)('%s', (line, event) => {
  expect(readLogLine(line, 4_693)).toEqual(event);
});

it('does not believe a banner of the server that looks like the log: it would have to know the process', () => {
  const forged =
    'debug2: channels.c:channel_input_open_confirmation():1 (pid=1): channel 2: open confirm rwindow 1 rmax 1';
  expect(readLogLine(forged, 4_693)).toEqual({ type: 'noise' });
});
