import type { StateDatabase } from '../state/state-database.ts';
import { DeviceRecord } from './device-record.ts';

/** All devices in memory, each change on the disk before it is acknowledged. */
export class DeviceStore {
  readonly #database: StateDatabase;
  readonly #records: Map<string, DeviceRecord>;

  constructor(database: StateDatabase) {
    this.#database = database;
    const rows = database.all('SELECT record FROM devices ORDER BY device_id');
    const records = rows.map(({ record }) => DeviceRecord.parse(JSON.parse(String(record))));
    this.#records = new Map(records.map((record) => [record.deviceId, record]));
  }

  get(deviceId: string): DeviceRecord | undefined {
    return this.#records.get(deviceId);
  }

  get all(): readonly DeviceRecord[] {
    return [...this.#records.values()];
  }

  /**
   * Holds at once, so that two changes of one moment follow each other; resolves when it is on the disk.
   *
   * @throws AppError `gateway/state-unwritable`; the device is then as it was.
   */
  async put(record: DeviceRecord): Promise<void> {
    const before = this.#records.get(record.deviceId);
    this.#records.set(record.deviceId, record);
    try {
      await this.#database.write(() =>
        this.#database.run(
          'INSERT INTO devices (device_id, record) VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET record = excluded.record',
          record.deviceId,
          JSON.stringify(record),
        ),
      );
    } catch (error) {
      this.#restore(record.deviceId, before);
      throw error;
    }
  }

  /** @throws AppError `gateway/state-unwritable`; the device is then as it was. */
  async delete(deviceId: string): Promise<void> {
    const before = this.#records.get(deviceId);
    this.#records.delete(deviceId);
    try {
      await this.#database.write(() => this.#database.run('DELETE FROM devices WHERE device_id = ?', deviceId));
    } catch (error) {
      this.#restore(deviceId, before);
      throw error;
    }
  }

  #restore(deviceId: string, before: DeviceRecord | undefined): void {
    if (before === undefined) this.#records.delete(deviceId);
    else this.#records.set(deviceId, before);
  }
}
