import type { SecretStore } from '../../platform/ports.ts';

/** A keychain that lasts as long as the test. */
export class MemorySecrets implements SecretStore {
  readonly kept = new Map<string, string>();

  async get(name: string): Promise<string | undefined> {
    return this.kept.get(name);
  }

  async set(name: string, value: string): Promise<void> {
    this.kept.set(name, value);
  }

  async delete(name: string): Promise<void> {
    this.kept.delete(name);
  }
}
