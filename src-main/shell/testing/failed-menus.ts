import { failed, laptop, studio, vps } from './snapshots.ts';
import type { StateMenu } from './state-menu.ts';

const FINGERPRINT = 'SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const KNOWN_FINGERPRINT = 'SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const HOLDER = { pid: 4127, program: 'node' };

export const FAILED_MENUS: readonly StateMenu[] = [
  {
    name: 'the host key is not known',
    gateway: studio(
      failed({
        code: 'ssh/host-key-unknown',
        params: { host: 'studio', keyType: 'ssh-ed25519', fingerprint: FINGERPRINT },
      }),
    ),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. studio is not known yet
· Studio: stopped, needs you
· studio is not known yet
· studio shows a ssh-ed25519 key with the fingerprint
· SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG, which is
· not in known_hosts. Nothing was sent to it.
· Over SSH to me@studio:22, stopped since 14:02
  Trust this key…
  Try now
`,
  },
  {
    name: 'the host key has changed',
    gateway: studio(
      failed({
        code: 'ssh/host-key-changed',
        params: {
          host: 'studio',
          keyType: 'ssh-ed25519',
          fingerprint: FINGERPRINT,
          knownFingerprint: KNOWN_FINGERPRINT,
          file: '/User/me/.ssh/known_hosts',
          line: 7,
        },
      }),
    ),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. studio shows a different key
· Studio: stopped, needs you
· studio shows a different key
· Known is SHA256:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG
· (/User/me/.ssh/known_hosts, line 7), shown was
· SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG. Either
· the computer was reinstalled, or another machine answers in
· its place; nothing was sent.
· Over SSH to me@studio:22, stopped since 14:02
  Compare the keys…
  Try now
`,
  },
  {
    name: 'the host key is revoked',
    gateway: studio(failed({ code: 'ssh/host-key-revoked', params: { host: 'studio', fingerprint: FINGERPRINT } })),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. studio shows a revoked key
· Studio: stopped, needs you
· studio shows a revoked key
· The key SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG
· is marked as revoked in known_hosts. Nothing was sent.
· Ask whoever runs that computer for its current key.
· Over SSH to me@studio:22, stopped since 14:02
  Try now
`,
  },
  {
    name: 'the key was refused',
    gateway: studio(
      failed({ code: 'ssh/auth-rejected', params: { host: 'studio', user: 'me', tried: ['id_ed25519'] } }),
    ),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. studio did not accept your key
· Studio: stopped, needs you
· studio did not accept your key
· studio was offered id_ed25519 for me and refused. Gangway
· stopped, so you are not locked out.
· Over SSH to me@studio:22, stopped since 14:02
  Choose another key…
  Try now
`,
  },
  {
    name: 'there is no agent and no key',
    gateway: studio(failed({ code: 'ssh/no-credentials', params: { host: 'studio', agent: 'absent' } })),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. There is no key to show to studio
· Studio: stopped, needs you
· There is no key to show to studio
· The SSH agent is not running, and no key file was found.
· Over SSH to me@studio:22, stopped since 14:02
  Choose a key…
  Try now
`,
  },
  {
    name: 'a stranger holds the port',
    gateway: laptop(
      failed({ code: 'gateway/port-taken', params: { port: 18_789, holder: HOLDER, suggestedPort: 18_909 } }),
    ),
    text: `
icon: failed
tooltip: Gangway — This laptop: stopped, needs you. Port 18789 is taken
· This laptop: stopped, needs you
· Port 18789 is taken
· node (process 4127) listens on port 18789 and was left
· alone.
· On this computer, stopped since 14:02
  Move to port 18909
  Try now
`,
  },
  {
    name: 'a stranger holds the port and no other is known to be free',
    gateway: laptop(
      failed({ code: 'gateway/port-taken', params: { port: 18_789, holder: HOLDER, suggestedPort: undefined } }),
    ),
    text: `
icon: failed
tooltip: Gangway — This laptop: stopped, needs you. Port 18789 is taken
· This laptop: stopped, needs you
· Port 18789 is taken
· node (process 4127) listens on port 18789 and was left
· alone.
· On this computer, stopped since 14:02
  Choose another port…
  Try now
`,
  },
  {
    name: 'another gateway holds the port',
    gateway: laptop(
      failed({
        code: 'gateway/port-taken-by-gateway',
        params: { port: 18_789, holder: HOLDER, version: '2026.9.1', suggestedPort: 18_909 },
      }),
    ),
    text: `
icon: failed
tooltip: Gangway — This laptop: stopped, needs you. A gateway already listens on port 18789
· This laptop: stopped, needs you
· A gateway already listens on port 18789
· An OpenClaw-compatible gateway (2026.9.1) answers on port
· 18789: node (process 4127). It was left alone.
· On this computer, stopped since 14:02
  Attach
  Move to port 18909
  Try now
`,
  },
  {
    name: 'a gateway holds the port of a forward, which cannot be attached',
    gateway: studio(
      failed({
        code: 'gateway/port-taken-by-gateway',
        params: { port: 18_789, holder: HOLDER, version: undefined, suggestedPort: 18_909 },
      }),
    ),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. A gateway already listens on port 18789
· Studio: stopped, needs you
· A gateway already listens on port 18789
· An OpenClaw-compatible gateway answers on port 18789: node
· (process 4127). It was left alone.
· Over SSH to me@studio:22, stopped since 14:02
  Move to port 18909
  Try now
`,
  },
  {
    name: 'the token was refused',
    gateway: vps(failed({ code: 'gateway/token-mismatch', params: { gateway: 'Frankfurt VPS' } })),
    text: `
icon: failed
tooltip: Gangway — Frankfurt VPS: stopped, needs you. Frankfurt VPS refused the token
· Frankfurt VPS: stopped, needs you
· Frankfurt VPS refused the token
· It was changed there, or another gateway answers. Gangway
· stopped after 1 try, so you are not locked out.
· Directly to wss://vps.example/, stopped since 14:02
  Enter the token…
  Try now
`,
  },
  {
    name: 'the server closes the remote port to forwards',
    gateway: studio(failed({ code: 'ssh/forward-prohibited', params: { host: 'studio', address: '127.0.0.1:18789' } })),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. studio does not allow forwarding
· Studio: stopped, needs you
· studio does not allow forwarding
· The SSH server on studio refused a forward to
· 127.0.0.1:18789.
· Set AllowTcpForwarding to yes or local in its sshd_config.
· Over SSH to me@studio:22, stopped since 14:02
  Try now
`,
  },
  {
    name: 'pairing waits for approval',
    gateway: studio(failed({ code: 'gateway/pairing-required', params: { gateway: 'Studio', requestId: 'r-17' } })),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. This computer waits for approval
· Studio: stopped, needs you
· This computer waits for approval
· Studio has pairing switched on and has asked there once
· (request r-17).
· Run “gangway gateway devices approve r-17” or “openclaw
· devices approve r-17” on Studio. Gangway connects by itself
· then.
· Over SSH to me@studio:22, stopped since 14:02
  Try now
`,
  },
  {
    name: 'the SSH configuration cannot be read',
    gateway: studio(
      failed({ code: 'ssh/config-unreadable', params: { file: '/User/me/.ssh/config', problem: 'it does not exist' } }),
    ),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped, needs you. The SSH configuration cannot be read
· Studio: stopped, needs you
· The SSH configuration cannot be read
· /User/me/.ssh/config: it does not exist.
· Over SSH to me@studio:22, stopped since 14:02
  Show the file
  Try now
`,
  },
  {
    name: 'nobody foresaw it',
    gateway: studio(failed({ code: 'app/unexpected', params: { summary: 'TypeError' } })),
    text: `
icon: failed
tooltip: Gangway — Studio: stopped. Something went wrong
· Studio: stopped
· Something went wrong
· An error nobody foresaw: TypeError.
· The log has the details.
· Over SSH to me@studio:22, stopped since 14:02
  Try now
`,
  },
];
