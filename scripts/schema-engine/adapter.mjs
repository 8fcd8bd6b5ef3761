/**
 * @prisma/adapter-pg is made for queries. Migrating with it needs three repairs: whole scripts, the
 * catalogue type "char", and a shadow database of its own.
 */
import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import { ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import pg from "pg";

const CHAR_OID = 18;
const BPCHAR_OID = 1042;

/** The adapter splits scripts at every semicolon, which breaks functions and DO blocks. */
async function executeWholeScript(script) {
  try {
    await this.client.query(script);
  } catch (error) {
    this.onError(error);
  }
}

/** The adapter knows no type "char", which the engine's introspection of the catalogue returns. */
function readCatalogueChars(queryRaw) {
  return async function queryRawWithChars(query) {
    const result = await this.performIO(query);
    const columns = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID === CHAR_OID) {
        columns.push(index);
        field.dataTypeID = BPCHAR_OID;
      }
    }
    const once = Object.create(this, { performIO: { value: async () => result } });
    const answer = await queryRaw.call(once, query);
    for (const index of columns) answer.columnTypes[index] = ColumnTypeEnum.Character;
    return answer;
  };
}

const repaired = new WeakSet();

function repair(adapter) {
  // Shared by the adapter and its transactions.
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf(adapter));
  if (!repaired.has(prototype)) {
    repaired.add(prototype);
    prototype.queryRaw = readCatalogueChars(prototype.queryRaw);
  }
  adapter.executeScript = executeWholeScript;
  return adapter;
}

export class AdapterFactory extends PrismaPg {
  #url;

  constructor(url) {
    super({ connectionString: url });
    this.#url = url;
  }

  async connect() {
    return repair(await super.connect());
  }

  /** The adapter's own connects to the main database again and drops while it is connected. */
  async connectToShadowDb() {
    const name = `prisma_migrate_shadow_db_${randomUUID()}`;
    const admin = new pg.Client({ connectionString: this.#url });
    await admin.connect();
    await admin.query(`CREATE DATABASE "${name}" TEMPLATE template0`);
    const url = new URL(this.#url);
    url.pathname = `/${name}`;
    const adapter = repair(await new PrismaPg({ connectionString: url.href, max: 2 }).connect());
    const release = adapter.dispose.bind(adapter);
    adapter.dispose = async () => {
      await release();
      await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await admin.end();
    };
    return adapter;
  }
}
