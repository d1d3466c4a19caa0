import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { noon } from '../support/samples.ts';

const sampleFields = [
  'measuredAt',
  'periodMs',
  'clientIp',
  'serverIp',
  'session',
  'framesPerSecond',
  'bitsPerSecond',
];
const streamSampleFields = [...sampleFields, 'stream'];
const actionFields = ['actedAt', 'domain', 'appName', 'stream', 'action', 'clientIp'];

/** Returns the rows that commit 51501f7 and all versions up to the first journal wrote for a record. */
export function toEarlierRows(record: SavedRecord) {
  const { question, targetKey, frozenAt, target } = record;
  if (question === 'push_stats') {
    const { streamKey, push, streams, empty } = record;
    const fields = streams === undefined ? sampleFields : streamSampleFields;
    return [
      row(`target ${targetKey}`, { question, streamKey, frozenAt, empty, ...toBody(target, fields) }),
      row(`push ${targetKey}`, { targetKey, ledger: push }),
      ...[...(streams ?? [])].map(([key, ledger]) =>
        row(`push ${targetKey} ${key}`, { targetKey, streamKey: key, ledger }),
      ),
    ];
  }
  const { rescannedAt: sweptAt, appName, domain, streams } = record;
  return [
    row(`target ${targetKey}`, { question, sweptAt, appName, frozenAt, ...toBody(target, actionFields) }),
    row(`domain ${targetKey}`, { targetKey, ledger: domain }),
    ...[...streams].map(([key, ledger]) => row(`control ${targetKey} ${key}`, { targetKey, ledger })),
  ];
}

/** Creates the state file of an earlier version with these records. */
export function writeEarlierFile(directory: string, records: readonly SavedRecord[], savedAt = noon): void {
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec(
    `PRAGMA page_size = 8192; PRAGMA application_id = ${0x6c736578}; PRAGMA user_version = 1;
     CREATE TABLE ledgers (key TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL,
       checksum INTEGER NOT NULL, saved_at INTEGER NOT NULL) STRICT, WITHOUT ROWID; BEGIN`,
  );
  const insert = database.prepare('INSERT INTO ledgers VALUES (?, ?, ?, ?, ?)');
  for (const { key, version, body, checksum } of records.flatMap(toEarlierRows)) {
    insert.run(key, version, body, checksum, savedAt);
  }
  database.exec('COMMIT');
  database.close();
}

function toBody({ watermark, floor, backFrom, seen }: SavedRecord['target'], fields: readonly string[]) {
  const rows = [...seen].map((each) =>
    fields.map((field) => (each as unknown as Record<string, unknown>)[field] ?? null),
  );
  return { watermark, floor, backFrom, seen: rows };
}

export function row(key: string, content: unknown) {
  const body = JSON.stringify(content);
  return { key, version: 2, body, checksum: crc32(body, crc32(key)) };
}
