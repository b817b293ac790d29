import { forUser, forUserQuietly, passing, type ErrorEntries } from './error-entry.ts';

const WAITS = 'Gangway looks again every few seconds. The gateway itself goes on as before.';

export const TAILSCALE_ERRORS: ErrorEntries<'tailscale'> = {
  'tailscale/not-installed': {
    ...forUserQuietly('try-now'),
    title: () => 'Tailscale is not installed',
    body: () => 'No tailscale program was found on this computer.',
    next: () => 'Install it from https://tailscale.com/download and sign in.',
  },
  'tailscale/not-answering': {
    ...passing,
    title: () => 'Tailscale does not answer',
    body: () => 'Its program is installed, but its service did not answer within 10 s: it is not running, or it hangs.',
    next: () => `Start Tailscale. ${WAITS}`,
  },
  'tailscale/signed-out': {
    ...passing,
    title: () => 'Tailscale is signed out',
    body: () => 'This computer is in no tailnet.',
    next: ({ url }) =>
      `Sign in${url === undefined ? ' with the Tailscale app, or with tailscale up' : ` at ${url}`}. ${WAITS}`,
  },
  'tailscale/needs-approval': {
    ...passing,
    title: () => 'This computer waits for approval',
    body: () => 'The tailnet lets a computer in only after an administrator has approved it.',
    next: () => `Ask an administrator to approve it at https://login.tailscale.com/admin/machines. ${WAITS}`,
  },
  'tailscale/stopped': {
    ...passing,
    title: () => 'Tailscale is switched off',
    body: () => 'It is signed in, but disconnected from the tailnet.',
    next: () => `Connect it with the Tailscale app, or with tailscale up. ${WAITS}`,
  },
  'tailscale/starting': {
    ...passing,
    title: () => 'Tailscale is starting',
    body: () => 'It has not heard from its tailnet yet.',
    next: () => WAITS,
  },
  'tailscale/used-by-another': {
    ...forUser('try-now'),
    title: () => 'Somebody else uses Tailscale here',
    body: ({ words }) => `Tailscale serves one person at a time on this computer, and says: ${words}.`,
    next: () => 'Sign that person out of Windows, or open the gateway from there.',
  },
  'tailscale/too-old': {
    ...forUser('try-now'),
    title: () => 'Tailscale is too old',
    body: (params) =>
      `Version ${params.found} runs here. ${params.for === 'funnel' ? 'Funnel' : 'Serve'} needs ${params.needed}: older ones cannot tell who comes from where, or let one program take the port of another.`,
    next: () => 'Update Tailscale.',
  },
  'tailscale/no-magic-dns': {
    ...forUser('try-now'),
    title: () => 'The tailnet gives no names',
    body: () => 'MagicDNS is off, so this computer has no name that a certificate could be for.',
    next: () => 'Switch MagicDNS on at https://login.tailscale.com/admin/dns.',
  },
  'tailscale/no-https': {
    ...forUser('try-now'),
    title: () => 'The tailnet gives no certificates',
    body: () => 'HTTPS is off in this tailnet.',
    next: ({ url }) => `Switch it on at ${url}.`,
  },
  'tailscale/no-funnel': {
    ...forUser('try-now'),
    title: () => 'Funnel is not allowed here',
    body: () => 'The policy of the tailnet does not let this computer open anything to the internet.',
    next: ({ url }) => `Allow it at ${url}.`,
  },
  'tailscale/funnel-port': {
    ...forUser(),
    title: ({ port }) => `Funnel cannot use port ${port}`,
    body: ({ allowed }) => `The internet reaches this computer on ${allowed.join(', ') || 'no port'} only.`,
    next: () => 'Choose one of these.',
  },
  'tailscale/port-taken': {
    ...forUser('try-now'),
    title: ({ port }) => `Another route uses port ${port}`,
    body: ({ port, holder }) =>
      `Tailscale already takes port ${port} to ${holder ?? 'another program'}. It was left alone.`,
    next: ({ port }) =>
      `Choose another port, or remove it where it was made; tailscale serve --https=${port} off ends one that runs in the background.`,
  },
  'tailscale/shields-up': {
    ...forUser('try-now'),
    title: () => 'Tailscale lets nobody in',
    body: () => 'Shields are up: connections to this computer are blocked.',
    next: () => 'Allow incoming connections in the Tailscale app, or with tailscale set --shields-up=false.',
  },
  'tailscale/not-permitted': {
    ...forUser('try-now'),
    title: () => 'Tailscale does not take orders from you',
    body: () => 'Only an administrator, or the operator whom one has named, may open routes on this computer.',
    next: ({ command }) => `Name yourself once: ${command}.`,
  },
  'tailscale/bind-not-loopback': {
    ...forUser(),
    title: () => 'The gateway listens beyond this computer',
    body: ({ bind }) =>
      `It is bound to ${bind}. Serve and Funnel lead to a gateway that only this computer reaches itself.`,
    next: () => 'Bind it to loopback first.',
  },
  'tailscale/needs-secret': {
    ...forUser(),
    title: () => 'Serve needs a token or a password',
    body: ({ mode }) =>
      mode === 'none'
        ? 'This gateway asks for nothing, so it would be open to the whole tailnet.'
        : `The ${mode} has fewer than 16 characters.`,
    next: () => 'Set a token or a password of 16 characters or more.',
  },
  'tailscale/needs-password': {
    ...forUser(),
    title: () => 'Funnel needs a password',
    body: ({ mode }) =>
      mode === 'password'
        ? 'The password has fewer than 16 characters, or is one that everybody knows.'
        : `This gateway asks for ${mode === 'token' ? 'a token' : 'nothing'}. Funnel needs a password of 16 characters or more.`,
    next: () => 'Set a password.',
  },
  'tailscale/claim-failed': {
    ...passing,
    title: () => 'Tailscale did not open the route',
    body: ({ words }) => `It said: ${words}. The gateway itself goes on as before.`,
    next: () => 'Gangway tries again by itself.',
  },
  'tailscale/claim-lost': {
    ...passing,
    title: () => 'Tailscale closed the route',
    body: () => 'It restarted, or another program changed its routes.',
    next: () => 'Gangway opens it again by itself.',
  },
  'tailscale/not-answered': {
    ...passing,
    title: () => 'The gateway does not answer through Tailscale',
    body: ({ url, problem }) => `The route is there, but ${url} gave no answer: ${problem}.`,
    next: () => 'The first certificate takes up to a minute. Gangway tries again by itself.',
  },
  'tailscale/no-gateway': {
    ...forUserQuietly(),
    title: () => 'Gangway runs no gateway on this computer',
    body: ({ attached }) =>
      attached
        ? 'The gateway that is used here was started by another program, which decides who can reach it.'
        : 'It is switched off, or just starting: there is nothing that others could reach.',
    next: ({ attached }) =>
      attached ? 'Open it with that program.' : 'Start the gateway of this computer, then try again.',
  },
  'tailscale/no-answer': {
    ...forUserQuietly('try-now'),
    title: () => 'The gateway did not say what came of it',
    body: () => 'Its process did not answer in time. What is open right now is shown as soon as it tells.',
    next: () => 'Look at the state, then try again.',
  },
  'tailscale/undo-impossible': {
    ...forUserQuietly('open-file'),
    title: () => 'The configuration was changed since',
    body: ({ file }) => `${file} is no longer what Gangway wrote, so it was left alone. The route was put back.`,
    next: () => 'Compare it with its copy, which has .bak at the end of its name.',
  },
  'tailscale/put-back': {
    ...forUserQuietly('try-now'),
    title: () => 'Everything is as it was before',
    body: ({ mode, cause }) =>
      `${cause} So ${mode === 'off' ? 'the gateway stays closed to others' : `${mode === 'serve' ? 'Serve' : 'Funnel'} was put back`}; the configuration is as it was.`,
    next: () => 'Mend that, then try again.',
  },
};
