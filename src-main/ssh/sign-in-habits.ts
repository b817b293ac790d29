import { toErrorInfo } from '../contract/errors.ts';
import { TYPED } from '../contract/question.ts';
import type { Accepted } from './authentication.ts';
import type { Credentials } from './credentials.ts';
import type { SignedIn } from './handshake.ts';
import { hasHadEnough } from './ssh-failure.ts';

/** What is known of one server from earlier sign-ins: which keys it took, and after how many refusals it hangs up. */
export class SignInHabits {
  #accepted: readonly Buffer[] = [];
  #mostFailures: number | undefined;

  /**
   * Signs in by what `connect` makes of the credentials on a new connection. Where the server hangs up before everything
   * was shown (MaxAuthTries is 6 unless an administrator says less), a second connection shows the rest, and no more than
   * that server takes. Not a third: from three bad connections on, OpenSSH may refuse the address for a while.
   * @throws what `connect` throws
   */
  async signIn<T extends SignedIn>(
    credentials: Credentials,
    connect: (credentials: Credentials) => Promise<T>,
  ): Promise<T> {
    const first = this.#arranged(credentials);
    const signedIn = await connect(first).catch((error: unknown) => {
      const rest = this.#left(first, error);
      if (!rest) throw error;
      return connect(rest);
    });
    this.#accepted = signedIn.accepted.flatMap(({ publicBlob }) => publicBlob ?? []);
    return signedIn;
  }

  /** A line that comes back begins with what worked. */
  #arranged(credentials: Credentials): Credentials {
    const worked = credentials.offers.filter(({ publicBlob }) => this.#accepted.some((key) => publicBlob?.equals(key)));
    const others = credentials.offers.filter((offer) => !worked.includes(offer));
    return { ...credentials, offers: [...worked, ...others], mostFailures: this.#mostFailures };
  }

  /** `undefined` where a second connection would not help. */
  #left(shown: Credentials, error: unknown): Credentials | undefined {
    const { code, params } = toErrorInfo(error);
    if (code !== 'ssh/auth-rejected') return undefined;
    const { tried, untried = 0 } = params;
    const left = Math.max(0, untried - (shown.passedOver ?? 0));
    const hasHungUp = hasHadEnough(error);
    const isTyped = tried.some((name) => name === TYPED.password || name === TYPED.answers);
    // What was typed is not tried again on the quiet.
    if (isTyped || (left === 0 && !hasHungUp)) return undefined;
    if (hasHungUp) this.#mostFailures = Math.max(1, shown.offers.length - left - 1);
    const offers = shown.offers.slice(shown.offers.length - left);
    return { ...shown, offers, refused: tried, mostFailures: this.#mostFailures };
  }
}

/** `undefined` when the server asked for nothing. */
export function inWords(accepted: readonly Accepted[]): string | undefined {
  return accepted.length === 0 ? undefined : accepted.map(({ name }) => name).join(' and ');
}
