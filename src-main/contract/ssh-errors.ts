import { passing, forUser, RETRIES_ITSELF, type ErrorEntries } from './error-entry.ts';
import { UNREACHABLE, placeOf, certificates, isTyped, moreKeys } from './error-words.ts';

export const SSH_ERRORS: ErrorEntries<'ssh'> = {
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
    next: ({ authority }) =>
      `Compare the fingerprint with the one shown on that computer, then trust it${authority === undefined ? '' : ", or use the system's ssh for this gateway, which checks certificates"}.`,
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
  'ssh/agent-silent': {
    ...forUser('try-now'),
    title: ({ host }) => `The SSH agent did not sign for ${host}`,
    body: ({ host, key }) => `${host} would take the ${key}, but the agent did not sign with it within a minute.`,
    next: () => 'Unlock the agent, or confirm the signature there, then try again.',
  },
  'ssh/auth-rejected': {
    ...forUser('choose-identity'),
    title: ({ host, tried }) => `${host} did not accept ${tried.some(isTyped) ? 'the sign-in' : 'your key'}`,
    body: ({ host, user, tried, untried = 0 }) =>
      `${host} was offered ${tried.length === 0 ? 'no key' : tried.join(', ')} for ${user} and refused. ${untried > 0 ? `${moreKeys(untried)} not shown: ` : ''}Gangway stopped, so you are not locked out.`,
    next: ({ host, untried = 0 }) =>
      untried > 0
        ? 'Choose the key file for this gateway, so that its key is shown first; the public half will do where the agent has the key.'
        : `Choose another key, or add this one to authorized_keys on ${host}.`,
  },
  'ssh/password-expired': {
    ...forUser('try-now'),
    title: ({ host, user }) => `The password of ${user} on ${host} has expired`,
    body: ({ host, user }) =>
      `${host} lets ${user} in only to choose a new one, with a key as well, and forwards nothing until then.`,
    next: ({ host, port, user }) =>
      `Run “ssh -t ${port === 22 ? '' : `-p ${port} `}${user}@${host}” in a terminal, choose a new password there, then try again.`,
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
};
