import { passing, forUser, forUserQuietly, RETRIES_ITSELF, type ErrorEntries } from './error-entry.ts';
import { UNREACHABLE, PICKUP, holderText, move } from './error-words.ts';

export const GATEWAY_ERRORS: ErrorEntries<'gateway'> = {
  'gateway/port-taken': {
    ...forUser('move-port'),
    title: ({ port }) => `Port ${port} is taken`,
    body: ({ port, holder }) => `${holderText(holder)} listens on port ${port} and was left alone.`,
    next: ({ suggestedPort }) => move(suggestedPort),
  },
  'gateway/port-taken-by-gateway': {
    ...forUser('attach'),
    title: ({ port }) => `A gateway already listens on port ${port}`,
    body: ({ port, holder, version }) =>
      `An OpenClaw-compatible gateway${version === undefined ? '' : ` (${version})`} answers on port ${port}: ${holderText(holder)}. It was left alone.`,
    next: ({ suggestedPort }) =>
      `Attach to it${suggestedPort === undefined ? '' : `, or move to port ${suggestedPort}, which is free`}.`,
  },
  'gateway/bind-needs-secret': {
    ...forUser(),
    title: ({ bind }) => (bind === 'loopback' ? 'The gateway has no password' : 'The gateway would be open to others'),
    body: ({ bind }) =>
      bind === 'loopback'
        ? 'It was told to ask for a password and none is set, so it was not started.'
        : `It was told to listen on ${bind} without a token or password of 16 characters or more, so it was not started.`,
    next: ({ bind }) =>
      bind === 'loopback'
        ? 'Set gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD, or choose --auth token.'
        : 'Set one (gateway.auth.token or OPENCLAW_GATEWAY_TOKEN), or listen on loopback.',
  },
  'gateway/address-unavailable': {
    ...forUser(),
    title: () => 'The address is not on this computer',
    body: ({ address }) => `The gateway cannot listen on ${address}.`,
    next: () => 'Choose an address of this computer, or loopback.',
  },
  'gateway/no-custom-address': {
    ...forUser(),
    title: () => 'The gateway was not told where to listen',
    body: () => 'The custom bind needs an address, and none was given, so it was not started.',
    next: () => 'Give one with --host or gateway.customBindHost, or choose another bind.',
  },
  'gateway/no-tailnet-address': {
    ...passing,
    action: undefined,
    title: () => 'The gateway waits for a tailnet address',
    body: () =>
      'It was told to listen on the tailnet, and Tailscale has no address on this computer. Nothing listens until then.',
    next: () => 'Start Tailscale and sign in: it listens as soon as there is an address. Or listen on loopback.',
  },
  'gateway/tls-unusable': {
    ...forUser('try-now'),
    title: () => 'The certificate of the gateway cannot be used',
    body: ({ file, problem }) => `${file}: ${problem}. The gateway was not started.`,
    next: () => 'Put the right file there, or take both away and let Gangway make a pair.',
  },
  'gateway/two-secrets': {
    ...forUser(),
    title: () => 'A token and a password are both set',
    body: () => 'The environment gives both, and nothing says which one opens the gateway, so it was not started.',
    next: () => 'Choose with --auth token or --auth password, or set gateway.auth.mode.',
  },
  'gateway/state-in-use': {
    ...forUser(),
    title: () => 'Another gateway uses this state folder',
    body: ({ folder, pid }) =>
      `${folder} is held by ${pid === undefined ? 'another process' : `process ${pid}`}, so this gateway was not started.`,
    next: () => 'Stop that gateway, or give this one a profile of its own with --profile NAME.',
  },
  'gateway/state-unwritable': {
    ...forUser('try-now'),
    title: () => 'The gateway cannot write its state',
    body: ({ file, reason }) => `${file}: ${reason}. What was accepted before is safe; nothing new is accepted.`,
    next: () => 'Check the free space and the permissions, then try again.',
  },
  'gateway/state-damaged': {
    ...forUser(),
    title: () => 'The state of the gateway is damaged',
    body: ({ file }) => `${file} is not a sound database. It was not changed.`,
    next: () => 'Move the file and those beside it elsewhere, or put a copy of it back, then start the gateway again.',
  },
  'gateway/state-newer': {
    severity: 'high',
    retry: 'never',
    action: undefined,
    title: () => 'The state comes from a newer version',
    body: ({ file, found, supported }) =>
      `${file} has format ${found}; this version reads up to ${supported}. It was not changed.`,
    next: () => 'Update Gangway.',
  },
  'gateway/crashed': {
    ...passing,
    title: () => 'The gateway on this computer stopped',
    body: ({ exitCode, lastLine }) =>
      `Its process ended${exitCode === undefined ? '' : ` with exit code ${exitCode}`}${lastLine === undefined ? '' : `. Its last words: ${lastLine}`}.`,
    next: () => 'Gangway starts it again by itself.',
  },
  'gateway/crash-loop': {
    ...forUser('try-now'),
    title: () => 'The gateway on this computer keeps stopping',
    body: ({ crashes, lastLine }) =>
      `It ended ${crashes} times in a row, so it is not started again by itself${lastLine === undefined ? '' : `. Its last words: ${lastLine}`}.`,
    next: () => 'Look at the log, then try again.',
  },
  'gateway/unreachable': {
    ...passing,
    title: () => 'The gateway does not answer',
    body: ({ url, reason }) => `No connection to ${url}. ${UNREACHABLE[reason]}`,
    next: () => RETRIES_ITSELF,
  },
  'gateway/silent': {
    ...passing,
    title: () => 'The gateway went silent',
    body: ({ url }) => `${url} accepts connections but did not answer in time.`,
    next: () => RETRIES_ITSELF,
  },
  'gateway/not-a-gateway': {
    ...forUser(),
    title: () => 'Something else answers there',
    body: ({ url }) => `What answers on ${url} does not speak the gateway protocol.`,
    next: () => 'Check the address and the port.',
  },
  'gateway/starting': {
    ...passing,
    title: () => 'The gateway is starting',
    body: ({ url }) => `${url} is not ready yet.`,
    next: () => 'Gangway goes on by itself.',
  },
  'gateway/closed': {
    ...passing,
    title: () => 'The gateway closed the connection',
    body: ({ url, closeCode }) => `${url} closed it with code ${closeCode}.`,
    next: () => RETRIES_ITSELF,
  },
  'gateway/certificate-invalid': {
    ...forUser('trust-certificate'),
    title: () => 'The certificate of the gateway is not good',
    body: ({ url, problem }) => `The certificate of ${url} cannot be trusted: ${problem}. Nothing was sent.`,
    next: ({ fingerprint }) =>
      fingerprint === undefined
        ? 'Mend the certificate over there, or reach that computer over SSH.'
        : `Compare its fingerprint, SHA-256 ${fingerprint}, with the one that gateway told at its start, and trust it if they agree.`,
  },
  'gateway/certificate-changed': {
    ...forUser('trust-certificate'),
    title: () => 'The gateway shows another certificate',
    body: ({ url }) =>
      `${url} does not show the certificate you trusted. Either it was renewed, or another machine answers in its place. Nothing was sent.`,
    next: ({ fingerprint }) =>
      `Compare the fingerprint of the new one, SHA-256 ${fingerprint}, with the one that gateway tells, and trust it only if they agree.`,
  },
  'gateway/insecure-url': {
    ...forUser('trust-network'),
    title: () => 'That address is not encrypted',
    body: ({ url, isPublic = false }) =>
      `${url} ${isPublic ? 'is on the internet, and ' : ''}would send your token in the clear, so it is not used.`,
    next: ({ isPublic = false }) =>
      `Use a wss:// address, or reach that computer over SSH.${isPublic ? '' : ' Or trust its network as a whole, if it is a private one.'}`,
  },
  'gateway/token-missing': {
    ...forUser('enter-token'),
    title: ({ gateway }) => `${gateway} asks for a token`,
    body: ({ gateway }) => `No token is stored here for ${gateway}.`,
    next: () => 'Enter the token that is set on that gateway.',
  },
  'gateway/token-mismatch': {
    ...forUser('enter-token'),
    title: ({ gateway }) => `${gateway} refused the token`,
    body: () =>
      'It was changed there, or another gateway answers. Gangway stopped after 1 try, so you are not locked out.',
    next: () => 'Enter the token that is set there now.',
  },
  'gateway/rate-limited': {
    ...passing,
    title: ({ gateway }) => `${gateway} locked this computer out for a while`,
    body: () => 'Too many sign-ins with a wrong secret came from this address. Gangway waits and does not add to it.',
    next: () => 'Gangway goes on by itself when the time is over.',
  },
  'gateway/pairing-required': {
    ...forUserQuietly('try-now'),
    title: () => 'This computer waits for approval',
    body: ({ gateway, requestId, before }) =>
      before === undefined
        ? `${gateway} has pairing switched on and has asked there once${requestId === undefined ? '' : ` (request ${requestId})`}.`
        : `${gateway} no longer has request ${before}: it was turned away there, or it ran out. Another one waits (${requestId}).`,
    next: ({ gateway, requestId, mayAskAgain, before }) =>
      requestId === undefined
        ? `Approve this device on ${gateway}, then try again.`
        : `Run “gangway gateway devices approve ${requestId}” or “openclaw devices approve ${requestId}” on ${gateway}. ${
            mayAskAgain === false || before !== undefined ? 'Then try again.' : 'Gangway connects by itself then.'
          }`,
  },
  'gateway/pickup-failed': {
    ...forUserQuietly(),
    title: ({ gateway }) => `Nothing could be fetched for ${gateway}`,
    body: ({ host, reason }) => PICKUP[reason](host),
    next: ({ reason }) =>
      reason === 'timeout' || reason === 'lost' || reason === 'cancelled'
        ? 'Try again once that computer answers.'
        : 'Do it on that computer itself; a token that it shows can be entered by hand.',
  },
  'gateway/protocol-mismatch': {
    ...forUser(),
    title: ({ gateway }) => `${gateway} speaks another protocol`,
    body: ({ theirs }) => `This app needs protocol 4; the gateway has ${theirs ?? 'another one'}.`,
    next: ({ gateway }) => `Update the gateway on ${gateway}, or this app.`,
  },
  'gateway/refused': {
    ...forUser(),
    title: ({ gateway }) => `${gateway} refused the connection`,
    body: ({ detail }) => `The gateway gave the reason ${detail}.`,
    next: () => 'Look at the log of the gateway.',
  },
  'gateway/unknown': {
    ...forUserQuietly(),
    title: ({ name }) => `There is no gateway called “${name}”`,
    body: () => 'No gateway of that name is in the list.',
    next: () => 'See the names with: gangway gateways list',
  },
  'gateway/none-in-use': {
    ...forUserQuietly(),
    title: () => 'No gateway is in use',
    body: () => 'Gangway is switched off.',
    next: () => 'Choose one with: gangway use NAME',
  },
};
