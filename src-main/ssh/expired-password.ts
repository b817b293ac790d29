import { fail, type AppError } from '../contract/errors.ts';
import type { Link } from './link.ts';

type Account = Pick<Link['description'], 'host' | 'port' | 'user'>;

/** What sshd says in the place of a command's output: `do_pwchange` in session.c of OpenSSH. */
const WARNING = /^WARNING: Your password has expired\./m;
/** A word that every shell knows and that does nothing; sshd never passes it on when the password has expired. */
const NOTHING = 'exit';
const MAX_BYTES = 16 * 1024;

/**
 * Why a server that let somebody in forbids to forward: OpenSSH shuts everything but the change of an expired password,
 * with a key as well where PAM asks for it, and only says so to who wants a shell or a command.
 */
export async function whyProhibited(
  prohibited: AppError,
  link: Pick<Link, 'description' | 'run'>,
  timeoutMs: number,
): Promise<AppError> {
  const ran = await link.run?.(NOTHING, { timeoutMs, maxBytes: MAX_BYTES, withErrors: true });
  return ran?.status === 'done' && WARNING.test(ran.stdout) ? passwordExpired(link.description) : prohibited;
}

export function passwordExpired({ host, port, user }: Account): AppError {
  return fail('ssh/password-expired', { host, port, user });
}
