import { forUser, forUserQuietly, type ErrorEntries } from './error-entry.ts';

export const APP_ERRORS: ErrorEntries<'app' | 'config' | 'secrets' | 'settings'> = {
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
