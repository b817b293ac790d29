import type { ErrorAction, ErrorCode, ErrorParams, RetryAdvice } from './errors.ts';
import { UNREACHABLE, PICKUP, holderText, isTyped, placeOf, certificates, move } from './error-words.ts';

interface Entry<P> {
  readonly title: (params: P) => string;
  readonly body: (params: P) => string;
  readonly next: (params: P) => string;
  readonly severity: 'low' | 'medium' | 'high';
  readonly retry: RetryAdvice;
  readonly action: ErrorAction | undefined;
}

type Traits = Pick<Entry<unknown>, 'severity' | 'retry' | 'action'>;

const passing: Traits = { severity: 'medium', retry: 'retry', action: 'try-now' };
const forUser = (action?: ErrorAction): Traits => ({ severity: 'high', retry: 'needs-user', action });
const forUserQuietly = (action?: ErrorAction): Traits => ({ severity: 'medium', retry: 'needs-user', action });

const RETRIES_ITSELF = 'Gangway keeps trying by itself, and at once when the network changes.';

// The mapped type makes a missing or misspelt code a compile error.
const ENTRIES: { readonly [C in ErrorCode]: Entry<ErrorParams[C]> } = {
  'ssh/target-invalid': {
    ...forUser(),
    title: () => 'That is not an SSH target',
    body: ({ target, problem }) => `“${target}” cannot be used: ${problem}.`,
    next: () => 'Give user@host, user@host:port or an alias of your SSH configuration.',
  },
  'ssh/option-unsupported': {
    ...forUser('use-system-ssh'),
    title: ({ option }) => `${option} needs the system's ssh`,
    body: ({ host, option }) =>
      `Your SSH configuration for ${host} uses ${option}, which Gangway's own SSH engine cannot follow.`,
    next: ({ instead }) => instead,
  },
  'ssh/too-many-jumps': {
    ...forUser(),
    title: ({ host }) => `The way to ${host} is too long`,
    body: ({ host, jumps }) => `Your SSH configuration leads to ${host} over ${jumps} other hosts.`,
    next: () => 'Name fewer hosts to go through, and none of them twice.',
  },
  'ssh/no-common-algorithm': {
    ...forUser('use-system-ssh'),
    title: ({ host, what }) => `${host} and Gangway share no ${what}`,
    body: ({ host, what }) =>
      `${host} offers no ${what} that Gangway's own SSH engine can do here. The system's ssh may know more.`,
    next: () => "Use the system's ssh for this gateway, or allow another one in the sshd_config over there.",
  },
  'ssh/system-ssh-unusable': {
    ...forUser(),
    title: () => "The system's ssh cannot be used",
    body: ({ problem }) => `The program ssh of this computer cannot do it: ${problem}.`,
    next: () => "Install the OpenSSH client, version 8.5 or newer, or use Gangway's own SSH engine.",
  },
  'ssh/proxy-failed': {
    ...passing,
    title: ({ host }) => `The way to ${host} could not be opened`,
    body: ({ host, words }) =>
      `The command or the host that leads to ${host} ended${words === '' ? '' : `: ${words.replace(/\.$/, '')}`}.`,
    next: () => RETRIES_ITSELF,
  },
  'ssh/config-unreadable': {
    ...forUser('open-file'),
    title: () => 'The SSH configuration cannot be read',
    body: ({ file, problem }) => `${file}: ${problem}.`,
    next: () => 'Check the path, the permissions and the content of the file.',
  },
  'ssh/host-unknown': {
    ...passing,
    title: ({ host }) => `${host} is not a known name`,
    body: ({ host }) => `No address was found for ${host}. This computer may be offline, or the name is misspelt.`,
    next: () => RETRIES_ITSELF,
  },
  'ssh/host-unreachable': {
    ...passing,
    title: ({ host }) => `${host} does not answer`,
    body: ({ host, port, reason }) => `No SSH connection to ${host}, port ${port}. ${UNREACHABLE[reason]}`,
    next: () => RETRIES_ITSELF,
  },
  'ssh/connection-lost': {
    ...passing,
    title: ({ host }) => `The line to ${host} was lost`,
    body: ({ host }) => `${host} stopped answering or closed the connection.`,
    next: () => RETRIES_ITSELF,
  },
  'ssh/handshake-failed': {
    ...forUser(),
    title: ({ host }) => `${host} and Gangway found no common ground`,
    body: ({ host, problem }) => `The SSH handshake with ${host} failed: ${problem}.`,
    next: ({ host }) => `Check that an SSH server of a supported version listens on ${host}.`,
  },
  'ssh/host-key-unknown': {
    ...forUser('trust-host-key'),
    title: ({ host }) => `${host} is not known yet`,
    body: ({ host, keyType, fingerprint, authority }) =>
      `${host} shows a ${keyType} key with the fingerprint ${fingerprint}, which is not in known_hosts. Nothing was sent to it.${authority === undefined ? '' : ` ${certificates(authority, host)}`}`,
    next: () => 'Compare the fingerprint with the one shown on that computer, then trust it.',
  },
  'ssh/host-key-changed': {
    ...forUser('compare-host-keys'),
    title: ({ host }) => `${host} shows a different key`,
    body: ({ fingerprint, knownFingerprint, file, line }) =>
      `Known is ${knownFingerprint} (${placeOf(file, line)}), shown was ${fingerprint}. Either the computer was reinstalled, or another machine answers in its place; nothing was sent.`,
    next: ({ file, line }) =>
      line === undefined
        ? 'Compare the keys on that computer, then try again.'
        : `Compare the keys on that computer. If the new one is right, replace the known one (line ${line} of ${file}).`,
  },
  'ssh/host-key-revoked': {
    ...forUser(),
    title: ({ host }) => `${host} shows a revoked key`,
    body: ({ fingerprint }) => `The key ${fingerprint} is marked as revoked in known_hosts. Nothing was sent.`,
    next: () => 'Ask whoever runs that computer for its current key.',
  },
  'ssh/host-key-in-system-file': {
    ...forUser(),
    title: ({ host }) => `The key of ${host} is set for this whole computer`,
    body: ({ host, file, line }) =>
      `${file}, line ${line}, names another key for ${host}. That file is not yours alone, so it was not changed.`,
    next: ({ file, line, fingerprint }) =>
      `Ask whoever manages this computer to replace line ${line} of ${file} by the key ${fingerprint}.`,
  },
  'ssh/known-hosts-unreadable': {
    ...forUser('open-file'),
    title: () => 'known_hosts cannot be read',
    body: ({ file }) => `${file} exists but may not be read, so no host can be verified.`,
    next: () => 'Check the permissions of the file.',
  },
  'ssh/no-credentials': {
    ...forUser('choose-identity'),
    title: ({ host }) => `There is no key to show to ${host}`,
    body: ({ agent }) =>
      agent === 'empty'
        ? 'The SSH agent holds no key, and no key file was found.'
        : `The SSH agent is ${agent === 'absent' ? 'not running' : 'not answering'}, and no key file was found.`,
    next: () => 'Choose a key file, or add a key to your SSH agent.',
  },
  'ssh/identity-unreadable': {
    ...forUser('choose-identity'),
    title: () => 'The key file cannot be used',
    body: ({ file, problem }) => `${file}: ${problem}.`,
    next: () => 'Choose another key file, or add this key to your SSH agent.',
  },
  'ssh/answer-needed': {
    ...forUser('try-now'),
    title: ({ host, wanted }) => `Signing in to ${host} needs ${wanted}`,
    body: () => 'Nobody has given it, so the connection was not made.',
    next: () => 'Try again in the window or on a terminal to be asked, or add the key to your SSH agent.',
  },
  'ssh/auth-rejected': {
    ...forUser('choose-identity'),
    title: ({ host, tried }) => `${host} did not accept ${tried.some(isTyped) ? 'the sign-in' : 'your key'}`,
    body: ({ host, user, tried }) =>
      `${host} was offered ${tried.length === 0 ? 'no key' : tried.join(', ')} for ${user} and refused. Gangway stopped, so you are not locked out.`,
    next: ({ host }) => `Choose another key, or add this one to authorized_keys on ${host}.`,
  },
  'ssh/forward-refused': {
    ...passing,
    title: ({ host }) => `No gateway answers on ${host}`,
    body: ({ host, address }) => `SSH to ${host} is well, but nothing listens on ${address} there.`,
    next: ({ host }) => `Start the gateway on ${host}. Gangway goes on by itself once it listens.`,
  },
  'ssh/service-refused': {
    ...passing,
    title: ({ host, address }) => `Nothing listens on ${address} of ${host}`,
    body: ({ host, address }) => `SSH to ${host} is well, but ${address} takes no connection there.`,
    next: () => 'Start what should listen there. Gangway goes on by itself once it does.',
  },
  'ssh/forward-prohibited': {
    ...forUser(),
    title: ({ host }) => `${host} does not allow forwarding`,
    body: ({ host, address }) => `The SSH server on ${host} refused a forward to ${address}.`,
    next: () => 'Set AllowTcpForwarding to yes or local in its sshd_config.',
  },
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
    title: () => 'The gateway would be open to others',
    body: ({ bind }) => `It was told to listen on ${bind} without a token or password, so it was not started.`,
    next: () => 'Set a token or a password of 16 characters or more, or listen on loopback.',
  },
  'gateway/address-unavailable': {
    ...forUser(),
    title: () => 'The address is not on this computer',
    body: ({ address }) => `The gateway cannot listen on ${address}.`,
    next: () => 'Choose an address of this computer, or loopback.',
  },
  'gateway/no-tailnet-address': {
    ...forUser('try-now'),
    title: () => 'This computer has no tailnet address',
    body: () => 'The gateway was told to listen on the tailnet, and no interface of Tailscale was found.',
    next: () => 'Start Tailscale and sign in, then try again, or listen on loopback.',
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
    ...forUser(),
    title: () => 'The certificate of the gateway is not good',
    body: ({ url, problem }) => `The certificate of ${url} cannot be trusted: ${problem}. Nothing was sent.`,
    next: () => 'Mend the certificate over there, or reach that computer over SSH.',
  },
  'gateway/insecure-url': {
    ...forUser(),
    title: () => 'That address is not encrypted',
    body: ({ url }) => `${url} would send your token in the clear, so it is not used.`,
    next: () => 'Use a wss:// address, or reach that computer over SSH.',
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
    body: ({ gateway, requestId }) =>
      `${gateway} has pairing switched on and has asked there once${requestId === undefined ? '' : ` (request ${requestId})`}.`,
    next: ({ gateway }) => `Approve this device on ${gateway}, then try again.`,
  },
  'gateway/pickup-failed': {
    ...forUserQuietly(),
    title: ({ gateway }) => `Nothing could be fetched for ${gateway}`,
    body: ({ host, reason }) => PICKUP[reason](host),
    next: ({ reason }) =>
      reason === 'timeout' || reason === 'lost' || reason === 'cancelled'
        ? 'Try again once that computer answers.'
        : 'Do it on that computer itself, and enter what it shows.',
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
  'settings/unreadable': {
    ...forUser('open-file'),
    title: () => 'The settings could not be read',
    body: ({ file, line, copy }) =>
      `${file} is broken at line ${line}. The defaults are used; the file was kept as ${copy}.`,
    next: () => 'Mend the copy and put it back, or set things anew.',
  },
  'settings/key-invalid': {
    ...forUserQuietly('open-file'),
    title: ({ key }) => `The setting “${key}” is not valid`,
    body: ({ file, line, key, expected }) =>
      `${file}, line ${line}: “${key}” should be ${expected}. The default is used; the file was not changed.`,
    next: () => 'Mend that line.',
  },
  'settings/newer-than-app': {
    severity: 'high',
    retry: 'never',
    action: undefined,
    title: () => 'The settings come from a newer version',
    body: ({ file, found, supported }) =>
      `${file} has format ${found}; this version reads up to ${supported}. It was not changed.`,
    next: () => 'Update Gangway.',
  },
  'config/unreadable': {
    ...forUser('open-file'),
    title: () => 'The gateway configuration could not be read',
    body: ({ file, line, problem }) => `${file}, line ${line}: ${problem}. The file was not changed.`,
    next: () => 'Mend that line.',
  },
  'config/key-invalid': {
    ...forUser('open-file'),
    title: ({ key }) => `“${key}” in the gateway configuration is not valid`,
    body: ({ file, line, key, expected }) =>
      `${file}, line ${line}: “${key}” should be ${expected}. The file was not changed.`,
    next: () => 'Mend that line.',
  },
  'config/key-unknown': {
    severity: 'low',
    retry: 'needs-user',
    action: 'open-file',
    title: ({ key }) => `“${key}” is not a key Gangway knows`,
    body: ({ file, line, key }) => `${file}, line ${line}: “${key}” is kept and not used.`,
    next: () => 'Nothing needs to be done if another program uses it.',
  },
  'secrets/unreadable': {
    ...forUser('enter-token'),
    title: () => 'A stored secret could not be read',
    body: ({ name }) => `The secret “${name}” is there but could not be opened.`,
    next: () => 'Enter it again.',
  },
  'app/not-running': {
    ...forUserQuietly('start-app'),
    title: () => 'Gangway is not running',
    body: () => 'No running app answered on the control socket.',
    next: () => 'Start it with: gangway app',
  },
  'app/already-running': {
    ...forUserQuietly(),
    title: () => 'Gangway is already running',
    body: ({ pid }) =>
      pid === undefined ? 'Another one uses this home folder.' : `Process ${pid} uses this home folder.`,
    next: () => 'Use that one, or give another home folder with GANGWAY_HOME.',
  },
  'app/not-here': {
    ...forUserQuietly(),
    title: () => 'That needs the desktop app',
    body: () => 'This page was served by the gateway and can only show it.',
    next: () => 'Open the app on this computer.',
  },
  'app/input-invalid': {
    ...forUserQuietly(),
    title: () => 'That input is not valid',
    body: ({ problem }) => `${problem}.`,
    next: () => 'Correct it and try again.',
  },
  'app/file-unwritable': {
    ...forUser(),
    title: () => 'A file could not be written',
    body: ({ file, reason }) => `${file}: ${reason}. Nothing was lost.`,
    next: () => 'Check the free space and the permissions.',
  },
  'app/unexpected': {
    severity: 'medium',
    retry: 'never',
    action: undefined,
    title: () => 'Something went wrong',
    body: ({ summary }) => `An error nobody foresaw: ${summary}.`,
    next: () => 'The log has the details.',
  },
};

// Looked up by a code that is only known at run time; the pairing of code and params is proven above.
export const CATALOG = ENTRIES as { readonly [C in ErrorCode]: Entry<unknown> };
