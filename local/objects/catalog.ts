import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Checksum } from "./checksums.ts";
import type { Piece } from "./range.ts";

/** What is known of an object beside its bytes. */
export interface StoredObject {
  key: string;
  /** Without the quotes it has on the wire. */
  etag: string;
  bytes: number;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
  /** Headers a GET answers with: content-type, x-amz-meta-…, … */
  headers: Record<string, string>;
  /** Of the whole object; multipart objects have none. */
  checksum?: Checksum | undefined;
  pieces: Piece[];
}

/** A multipart upload that is under way. */
export interface Upload {
  id: string;
  bucket: string;
  key: string;
  headers: Record<string, string>;
}

/** One part of a multipart upload. */
export interface UploadedPart {
  number: number;
  etag: string;
  piece: Piece;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS objects (bucket TEXT, key TEXT, record TEXT NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS parts (upload TEXT, number INTEGER, record TEXT NOT NULL, PRIMARY KEY (upload, number)) WITHOUT ROWID, STRICT;
`;

/**
 * Which buckets, objects and uploads there are, in SQLite: each change is one statement that survives a killed process,
 * and keys come in the order of their UTF-8 bytes, which is the order S3 lists them in.
 */
export class Catalog {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    this.#db.exec(SCHEMA);
  }

  close(): void {
    this.#db.close();
  }

  buckets(): { name: string; createdAt: number }[] {
    const rows = this.#all("SELECT name, created_at FROM buckets ORDER BY name");
    return rows.map((row) => ({ name: String(row["name"]), createdAt: Number(row["created_at"]) }));
  }

  hasBucket(name: string): boolean {
    return this.#all("SELECT 1 FROM buckets WHERE name = ?", name).length > 0;
  }

  addBucket(name: string, createdAt: number): void {
    this.#run("INSERT INTO buckets VALUES (?, ?)", name, createdAt);
  }

  removeBucket(name: string): void {
    this.#run("DELETE FROM buckets WHERE name = ?", name);
  }

  object(bucket: string, key: string): StoredObject | undefined {
    return this.#records<StoredObject>("SELECT record FROM objects WHERE bucket = ? AND key = ?", bucket, key)[0];
  }

  /** The first object whose key comes after `after`, or is `after` when `inclusive`. */
  objectAfter(bucket: string, after: string, inclusive: boolean): StoredObject | undefined {
    const operator = inclusive ? ">=" : ">";
    const sql = `SELECT record FROM objects WHERE bucket = ? AND key ${operator} ? ORDER BY key LIMIT 1`;
    return this.#records<StoredObject>(sql, bucket, after)[0];
  }

  putObject(bucket: string, object: StoredObject): void {
    this.#run("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", bucket, object.key, JSON.stringify(object));
  }

  removeObject(bucket: string, key: string): void {
    this.#run("DELETE FROM objects WHERE bucket = ? AND key = ?", bucket, key);
  }

  upload(id: string): Upload | undefined {
    return this.#records<Upload>("SELECT record FROM uploads WHERE id = ?", id)[0];
  }

  putUpload(upload: Upload): void {
    this.#run("INSERT INTO uploads VALUES (?, ?)", upload.id, JSON.stringify(upload));
  }

  /** Parts of an upload by number. */
  parts(upload: string): UploadedPart[] {
    return this.#records<UploadedPart>("SELECT record FROM parts WHERE upload = ? ORDER BY number", upload);
  }

  putPart(upload: string, part: UploadedPart): void {
    this.#run("INSERT OR REPLACE INTO parts VALUES (?, ?, ?)", upload, part.number, JSON.stringify(part));
  }

  removeUpload(id: string): void {
    this.#run("DELETE FROM parts WHERE upload = ?", id);
    this.#run("DELETE FROM uploads WHERE id = ?", id);
  }

  /** Makes all changes of `change` or, when it throws, none. */
  atomically(change: () => void): void {
    this.#db.exec("BEGIN");
    try {
      change();
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  #records<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#all(sql, ...values).map((row) => JSON.parse(String(row["record"])) as T);
  }

  #all(sql: string, ...values: SQLInputValue[]) {
    return this.#statement(sql).all(...values);
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #statement(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
