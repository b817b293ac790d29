import { constants } from 'node:fs';
import { access } from 'node:fs/promises';

import { z } from 'zod';

import { AppError, fail } from '../contract/errors.ts';
import type { Tailnet, TailnetDevices, TailnetPeer, TailnetSelf } from '../contract/exposure.ts';
import type { Logger, ProgramRunner } from '../platform/ports.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import { LocalApi, type LocalAnswer } from './local-api.ts';
import { parseWithIds } from './parse-with-ids.ts';
import { programPlaces, socketPlace, type PlaceSources } from './places.ts';
import { programFault } from './program-fault.ts';
import { parseServeConfig, type ServeConfig } from './serve-config.ts';
import { parseDevices } from './tailnet-devices.ts';
import { conditionFault, parseStatus, type TailscaleStatus } from './tailscale-status.ts';

export interface TailscaleClientDeps extends PlaceSources {
  readonly runner: ProgramRunner;
  readonly log: Logger;
}

/** What the person has set for this computer. */
export interface TailscalePrefs {
  readonly shieldsUp: boolean;
  /** Who may change routes beside the administrator. */
  readonly operator: string;
}

/** A dead daemon is told only after 2 to 5 s, in which the program tries again. */
const TIMEOUT_MS = 10_000;

const Prefs = z.object({ ShieldsUp: z.boolean().optional(), OperatorUser: z.string().optional() });
const Whois = z.object({
  Node: z.object({
    Name: z.string().optional(),
    ComputedName: z.string().optional(),
    Tags: z.array(z.string()).nullish(),
  }),
  UserProfile: z.object({
    ID: z.union([z.number(), z.string()]).transform(String),
    LoginName: z.string(),
    DisplayName: z.string().optional(),
  }),
});

/**
 * Asks Tailscale on this computer: its daemon by the socket where there is one, else by the program. Changes nothing.
 * One program runs at a time, however many ask.
 */
export class TailscaleClient implements Tailnet {
  readonly #deps: TailscaleClientDeps;
  readonly #api: LocalApi;
  /** Once the socket has answered, its silence is the daemon's. */
  #hasAnswered = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: TailscaleClientDeps) {
    this.#deps = deps;
    this.#api = new LocalApi(socketPlace(deps));
  }

  /** @throws AppError `tailscale/not-installed` */
  async program(): Promise<string> {
    for (const place of programPlaces(this.#deps)) {
      const isThere = await access(place, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) return place;
    }
    throw fail('tailscale/not-installed', {});
  }

  /** @throws AppError `tailscale/not-installed`, `tailscale/not-answering`, `tailscale/used-by-another` */
  async status(): Promise<TailscaleStatus> {
    return this.#ask('status?peers=false', ['status', '--json', '--peers=false'], parseStatus);
  }

  /** The whole status, which grows with the tailnet: not for polling. @throws as `status`, also when it is too long */
  async devices(): Promise<Omit<TailnetDevices, 'askedAtMs'>> {
    return this.#ask('status', ['status', '--json'], parseDevices);
  }

  /** @throws as `status` */
  async serveConfig(): Promise<ServeConfig> {
    return this.#ask('serve-config', ['serve', 'status', '--json'], parseServeConfig);
  }

  /** `undefined` where only the socket tells and there is none. @throws as `status` */
  async prefs(): Promise<TailscalePrefs | undefined> {
    const answer = await this.#byApi('prefs');
    if (answer === undefined) return undefined;
    const { ShieldsUp = false, OperatorUser = '' } = Prefs.parse(JSON.parse(answer.text));
    return { shieldsUp: ShieldsUp, operator: OperatorUser };
  }

  async whois(address: string): Promise<TailnetPeer | undefined> {
    const answer = await this.#byApi(`whois?addr=${encodeURIComponent(address)}`);
    if (answer?.status === 404) return undefined;
    if (answer !== undefined) return toPeer(answer.text);
    const { exitCode, stdout, stderr } = await this.#run(['whois', '--json', address]);
    if (exitCode !== 0 && stderr.includes('peer not found')) return undefined;
    if (exitCode !== 0) throw new AppError(programFault(stderr) ?? { code: 'tailscale/not-answering', params: {} });
    return toPeer(stdout);
  }

  async self(): Promise<TailnetSelf> {
    const status = await this.status();
    const fault = conditionFault(status);
    if (fault !== undefined) throw new AppError(fault);
    const { dnsName, addresses, owner } = status;
    return { dnsName, addresses, userId: owner?.id };
  }

  async #ask<T>(path: string, words: readonly string[], parse: (json: unknown) => T): Promise<T> {
    const answer = await this.#byApi(path);
    const text = answer?.text ?? (await this.#read(words));
    try {
      return parse(parseWithIds(text));
    } catch (error) {
      // What is shown in the place of JSON is the program's own failure.
      const fault = programFault(text.slice(0, 500)) ?? { code: 'tailscale/not-answering', params: {} };
      throw new AppError(fault, { cause: error });
    }
  }

  /** `undefined` where the daemon has to be asked by its program. */
  async #byApi(path: string): Promise<LocalAnswer | undefined> {
    try {
      const answer = await this.#api.get(path);
      if (answer.status >= 500 || answer.status === 401) {
        throw new AppError(programFault(answer.text) ?? { code: 'tailscale/not-answering', params: {} });
      }
      this.#hasAnswered = true;
      return answer;
    } catch (error) {
      if (this.#hasAnswered) throw error;
      return undefined;
    }
  }

  async #read(words: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#run(words);
    if (exitCode === 0) return stdout;
    throw new AppError(programFault(stderr || stdout) ?? { code: 'tailscale/not-answering', params: {} });
  }

  #run(words: readonly string[]) {
    const next = this.#last.then(async () => {
      const program = await this.program();
      try {
        return await this.#deps.runner.run(program, [...this.socketWords, ...words], { timeoutMs: TIMEOUT_MS });
      } catch (error) {
        const code = systemErrorCode(error);
        this.#deps.log.warn('the program of Tailscale did not answer', { words: words.join(' '), code });
        throw fail(
          code === 'ENOENT' || code === 'EACCES' ? 'tailscale/not-installed' : 'tailscale/not-answering',
          {},
          error,
        );
      }
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Tells the program of the very daemon that we ask, where that is not the usual one. */
  get socketWords(): readonly string[] {
    const given = this.#deps.env['GANGWAY_TAILSCALE_SOCKET'];
    return given ? [`--socket=${given}`] : [];
  }
}

/** @throws Error for an answer that names nobody */
function toPeer(text: string): TailnetPeer {
  const { Node, UserProfile } = Whois.parse(parseWithIds(text));
  return {
    userId: UserProfile.ID,
    login: UserProfile.LoginName,
    displayName: UserProfile.DisplayName ?? '',
    device: Node.ComputedName ?? (Node.Name ?? '').split('.')[0] ?? '',
    isTagged: (Node.Tags ?? []).length > 0,
  };
}
