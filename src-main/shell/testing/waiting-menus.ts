import type { ErrorInfo } from '../../contract/errors.ts';
import { at } from './snapshots.ts';

export const WAITING_MENUS: readonly { readonly name: string; readonly cause: ErrorInfo; readonly text: string }[] = [
  {
    name: 'the other computer is asleep',
    cause: { code: 'ssh/host-unreachable', params: { host: 'studio', port: 22, reason: 'timeout' } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. studio does not answer
· Studio: waiting
· studio does not answer
· No SSH connection to studio, port 22. The other computer is
· asleep, off or without network.
· Gangway keeps trying by itself, and at once when the network
· changes.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
  {
    name: 'this computer is offline',
    cause: { code: 'ssh/host-unreachable', params: { host: 'studio', port: 22, reason: 'no-route' } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. studio does not answer
· Studio: waiting
· studio does not answer
· No SSH connection to studio, port 22. This computer has no
· route to it: it may be offline or on another network.
· Gangway keeps trying by itself, and at once when the network
· changes.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
  {
    name: 'the name is not known',
    cause: { code: 'ssh/host-unknown', params: { host: 'studio' } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. studio is not a known name
· Studio: waiting
· studio is not a known name
· No address was found for studio. This computer may be
· offline, or the name is misspelt.
· Gangway keeps trying by itself, and at once when the network
· changes.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
  {
    name: 'the line was lost',
    cause: { code: 'ssh/connection-lost', params: { host: 'studio' } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. The line to studio was lost
· Studio: waiting
· The line to studio was lost
· studio stopped answering or closed the connection.
· Gangway keeps trying by itself, and at once when the network
· changes.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
  {
    name: 'no gateway listens over there',
    cause: { code: 'ssh/forward-refused', params: { host: 'studio', address: '127.0.0.1:18789' } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. No gateway answers on studio
· Studio: waiting
· No gateway answers on studio
· SSH to studio is well, but nothing listens on
· 127.0.0.1:18789 there.
· Start the gateway on studio. Gangway goes on by itself once
· it listens.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
  {
    name: 'the gateway does not accept connections',
    cause: { code: 'gateway/unreachable', params: { url: 'ws://127.0.0.1:18789', reason: 'refused' } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. The gateway does not answer
· Studio: waiting
· The gateway does not answer
· No connection to ws://127.0.0.1:18789. The computer is
· there, but nothing accepts connections on that port.
· Gangway keeps trying by itself, and at once when the network
· changes.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
  {
    name: 'the gateway is silent',
    cause: { code: 'gateway/silent', params: { url: 'ws://127.0.0.1:18789' } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. The gateway went silent
· Studio: waiting
· The gateway went silent
· ws://127.0.0.1:18789 accepts connections but did not answer
· in time.
· Gangway keeps trying by itself, and at once when the network
· changes.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
  {
    name: 'the gateway has locked this computer out',
    cause: { code: 'gateway/rate-limited', params: { gateway: 'Studio', retryAtMs: at(14, 36, 12) } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. Studio locked this computer out for a while
· Studio: waiting
· Studio locked this computer out for a while
· Too many sign-ins with a wrong secret came from this
· address. Gangway waits and does not add to it.
· Gangway goes on by itself when the time is over.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
  {
    name: 'the gateway crashed',
    cause: { code: 'gateway/crashed', params: { exitCode: 1, lastLine: 'out of memory' } },
    text: `
icon: waiting
tooltip: Gangway — Studio: waiting. The gateway on this computer stopped
· Studio: waiting
· The gateway on this computer stopped
· Its process ended with exit code 1. Its last words: out of
· memory.
· Gangway starts it again by itself.
· Over SSH to me@studio:22, down since 14:35
· Next try at 14:36:12
  Try now
`,
  },
];
