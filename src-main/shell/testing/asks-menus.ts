import type { SignInQuestion } from '../../contract/question.ts';
import { at, studio } from './snapshots.ts';
import type { StateMenu } from './state-menu.ts';

const ASKED = { id: 'q', askedAtMs: at(14, 30), host: 'studio', user: 'me', attempt: 1, wrong: false } as const;

const asks = (question: SignInQuestion) => studio({ status: 'asks', sinceMs: question.askedAtMs, question });

export const ASKS_MENUS: readonly StateMenu[] = [
  {
    name: 'a passphrase is needed',
    gateway: asks({ ...ASKED, kind: 'passphrase', key: 'id_ed25519', file: '/a/id_ed25519', fingerprint: undefined }),
    text: `
icon: failed
tooltip: Gangway — Studio asks for the passphrase of id_ed25519
  Studio asks for the passphrase of id_ed25519…
· Over SSH to me@studio:22, since 14:30
`,
  },
  {
    name: 'a server asks for a code',
    gateway: asks({
      ...ASKED,
      kind: 'prompts',
      title: '',
      instruction: '',
      prompts: [{ text: 'Verification code:', echo: false }],
      expiresAtMs: at(14, 32),
    }),
    text: `
icon: failed
tooltip: Gangway — Studio asks for “Verification code” to sign in
  Studio asks for “Verification code” to sign in…
· Over SSH to me@studio:22, since 14:30
`,
  },
];
