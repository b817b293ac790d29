import type { StateDatabase } from '../state/state-database.ts';
import { DeviceRecord } from './device-record.ts';

/** All devices in memory, each change on the disk before it is acknowledged. */
export class DeviceStore {
  readonly #database: StateDatabase;
  readonly #records: Map<string, DeviceRecord>;
  /** As they are on the disk. */
  readonly #kept: Map<string, DeviceRecord>;

  constructor(database: StateDatabase) {
    this.#database = database;
    const rows = database.all('SELECT record FROM devices ORDER BY device_id');
    const records = rows.map(({ record }) => DeviceRecord.parse(JSON.parse(String(record))));
    this.#records = new Map(records.map((record) => [record.deviceId, record]));
    this.#kept = new Map(this.#records);
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
  put(record: DeviceRecord): Promise<void> {
    const { deviceId } = record;
    return this.#change(deviceId, record, () =>
      this.#database.run(
        'INSERT INTO devices (device_id, record) VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET record = excluded.record',
        deviceId,
        JSON.stringify(record),
      ),
    );
  }

  /** @throws AppError `gateway/state-unwritable`; the device is then as it was. */
  delete(deviceId: string): Promise<void> {
    return this.#change(deviceId, undefined, () =>
      this.#database.run('DELETE FROM devices WHERE device_id = ?', deviceId),
    );
  }

  async #change(deviceId: string, record: DeviceRecord | undefined, write: () => void): Promise<void> {
    assign(this.#records, deviceId, record);
    try {
      await this.#database.write(write);
      assign(this.#kept, deviceId, record);
    } catch (error) {
      // A later change of the same moment decides for itself.
      if (this.#records.get(deviceId) === record) assign(this.#records, deviceId, this.#kept.get(deviceId));
      throw error;
    }
  }
}

function assign(records: Map<string, DeviceRecord>, deviceId: string, record: DeviceRecord | undefined): void {
  if (record === undefined) records.delete(deviceId);
  else records.set(deviceId, record);
}
