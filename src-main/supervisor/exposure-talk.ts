import { AppError, fail } from '../contract/errors.ts';
import type { ExposurePlan, ExposureView, ExposureWish, GatewayAccess, TailnetDevices } from '../contract/exposure.ts';
import type { HostCommand, HostReport } from '../contract/gateway-host.ts';
import type { Clock } from '../platform/ports.ts';

export interface ExposureTalkDeps {
  readonly send: (command: HostCommand) => void;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** What of the reports of the process is about who can reach the gateway. */
export type ExposureReport = Extract<
  HostReport,
  { type: 'planned' | 'devices-counted' | 'exposed' | 'exposure-changed' | 'access-changed' }
>;

interface Question<T> {
  readonly resolve: (answer: T) => void;
  readonly reject: (error: AppError) => void;
}

/** Several questions to a program that may take 10 s each to be given up. */
const PLAN_LIMIT_MS = 60_000;
/** The first certificate alone takes up to a minute. */
const EXPOSE_LIMIT_MS = 150_000;
/** A changed file settles, is read, and is taken over. */
const ACCESS_LIMIT_MS = 10_000;

/** What is said about the exposure between the app and the process of its gateway, for one run of that process. */
export class ExposureTalk {
  readonly #deps: ExposureTalkDeps;
  readonly #plans = new Map<number, Question<ExposurePlan>>();
  readonly #counts = new Map<number, Question<TailnetDevices | undefined>>();
  readonly #wishes = new Map<number, Question<void>>();
  readonly #readers = new Set<Question<GatewayAccess>>();
  #lastId = 0;
  #view: ExposureView | undefined;
  #access: GatewayAccess | undefined;

  constructor(deps: ExposureTalkDeps) {
    this.#deps = deps;
  }

  /** As last told; absent until the process has told. */
  get view(): ExposureView | undefined {
    return this.#view;
  }

  get access(): GatewayAccess | undefined {
    return this.#access;
  }

  plan(wish: ExposureWish): Promise<ExposurePlan> {
    const id = ++this.#lastId;
    const answer = this.#ask(PLAN_LIMIT_MS, {
      keep: (question: Question<ExposurePlan>) => this.#plans.set(id, question),
      drop: () => this.#plans.delete(id),
    });
    this.#deps.send({ type: 'plan-exposure', id, wish });
    return answer;
  }

  /** `undefined` where that is not known. */
  devices(): Promise<TailnetDevices | undefined> {
    const id = ++this.#lastId;
    const answer = this.#ask(PLAN_LIMIT_MS, {
      keep: (question: Question<TailnetDevices | undefined>) => this.#counts.set(id, question),
      drop: () => this.#counts.delete(id),
    });
    this.#deps.send({ type: 'count-devices', id });
    return answer;
  }

  /** Rejects with the reason when everything was left, or put back, as it was. */
  expose(wish: ExposureWish): Promise<void> {
    const id = ++this.#lastId;
    const answer = this.#ask(EXPOSE_LIMIT_MS, {
      keep: (question: Question<void>) => this.#wishes.set(id, question),
      drop: () => this.#wishes.delete(id),
    });
    this.#deps.send({ type: 'expose', id, wish });
    return answer;
  }

  /** The next time the gateway has taken its configuration over. */
  nextAccess(): Promise<GatewayAccess> {
    let kept: Question<GatewayAccess> | undefined;
    return this.#ask(ACCESS_LIMIT_MS, {
      keep: (question: Question<GatewayAccess>) => this.#readers.add((kept = question)),
      drop: () => kept !== undefined && this.#readers.delete(kept),
    });
  }

  /** Takes what the process reported. */
  heard(report: ExposureReport): void {
    switch (report.type) {
      case 'planned':
        return this.#plans.get(report.id)?.resolve(report.plan);
      case 'devices-counted':
        return this.#counts.get(report.id)?.resolve(report.devices);
      case 'exposed': {
        const question = this.#wishes.get(report.id);
        return report.error === undefined ? question?.resolve() : question?.reject(new AppError(report.error));
      }
      case 'exposure-changed':
        this.#view = report.view;
        return this.#deps.onChange();
      case 'access-changed':
        this.#access = report.access;
        for (const { resolve } of this.#readers) resolve(report.access);
        return this.#deps.onChange();
    }
  }

  /** The process is gone: nothing is known any more, and nobody waits for it. */
  ended(error: AppError): void {
    this.#view = undefined;
    this.#access = undefined;
    const all = [...this.#plans.values(), ...this.#counts.values(), ...this.#wishes.values(), ...this.#readers];
    for (const { reject } of all) reject(error);
  }

  #ask<T>(
    limitMs: number,
    { keep, drop }: { readonly keep: (question: Question<T>) => void; readonly drop: () => void },
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    keep({ resolve, reject });
    const disarm = this.#deps.clock.after(limitMs, () => reject(fail('tailscale/no-answer', {})));
    const settled = (): void => {
      disarm();
      drop();
    };
    promise.then(settled, settled);
    return promise;
  }
}
