// The tables of the shop. Every statement means the same in SQLite and in MySQL. MySQL compares texts without regard to
// case, so what is looked up by an exact text is kept in a form that has none: lower-case ids, hexadecimal digests.
import type { Database } from 'bottle-sdk';
import type { Item } from './catalogue.ts';
import { isDuplicate } from './is-duplicate.ts';

/** Makes the tables and, when there is nothing to sell yet, puts the items in. Any number of pods may do so at once. */
export async function openShop(db: Database, items: readonly Item[]): Promise<void> {
  await createTables(db);
  if (await db.sql`select 1 from items limit 1`.first()) return;
  try {
    await db.insertMany(
      'items',
      items.map((item, at) => ({ ...item, list_price: item.price, sort_order: at })),
    );
  } catch (error) {
    if (!isDuplicate(error)) throw error; // all or none: another pod has put all of them in
  }
}

async function createTables(db: Database): Promise<void> {
  await db.sql`
    create table if not exists items (
      id varchar(64) primary key,
      name varchar(200) not null,
      category varchar(40) not null,
      price int not null,
      list_price int not null,
      stock int not null,
      rating double not null,
      description text not null,
      tags json not null,
      sort_order int not null
    )`;
  await db.sql`
    create table if not exists orders (
      id char(36) primary key,
      idempotency_key char(64) not null unique,
      fingerprint char(64) not null,
      placed_at datetime(3) not null,
      subtotal int not null,
      shipping int not null,
      currency char(3) not null,
      customer json not null,
      payment varchar(20) not null
    )`;
  await db.sql`
    create table if not exists order_lines (
      order_id char(36) not null,
      line int not null,
      item_id varchar(64) not null,
      name varchar(200) not null,
      price int not null,
      quantity int not null,
      primary key (order_id, line)
    )`;
  await db.sql`
    create table if not exists payments (
      order_id char(36) primary key,
      amount int not null,
      currency char(3) not null,
      paid_at datetime(3) not null
    )`;
  await db.sql`
    create table if not exists picking_slips (
      order_id char(36) primary key,
      picking_lines json not null
    )`;
  await db.sql`
    create table if not exists outbox (
      order_id char(36) primary key,
      placed_at datetime(3) not null,
      message json not null
    )`;
  await db.sql`
    create table if not exists daily_reports (
      day char(10) primary key,
      orders int not null,
      revenue int not null,
      shipping int not null,
      best_sellers json not null
    )`;
}
