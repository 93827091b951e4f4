import { bottle, defineFunction } from 'bottle-sdk';

/** What the SDK's calls return, as it is. */
const CALLS: Record<string, () => unknown> = {
  publish: () => bottle.mq('events').publish('big', { id: 9007199254740993n }),
  publishMany: () => bottle.mq('events').publishMany('big', [{ value: 1n }, { value: null }]),
  insert: async () => {
    await bottle.db('shop')
      .sql`create table if not exists t (id integer primary key autoincrement, at datetime, b blob)`;
    return bottle.db('shop')
      .sql`insert into t (id, at, b) values (9007199254740993, ${new Date(0)}, ${Buffer.from('b')})`.result();
  },
  rows: () => bottle.db('shop').sql`select id, b, 1.5 as f, null as n from t`,
  cacheEntry: async () => {
    await bottle.cache('c').set('big', { id: 9007199254740993n });
    return bottle.cache('c', { codec: 'text' }).get('big');
  },
  cacheMany: () => bottle.cache('c').getMany(['big', 'none']),
  sorted: async () => {
    await bottle
      .cache('c')
      .sortedSet('s')
      .add([{ member: 'a', score: 1 }]);
    return bottle.cache('c').sortedSet('s').range();
  },
  bytes: async () => {
    await bottle.cache('b', { codec: 'bytes' }).set('x', Buffer.from('bytes'));
    return bottle.cache('b', { codec: 'bytes' }).get('x');
  },
  lock: async () => {
    const lock = await bottle.lock('locks').acquire('l');
    await lock.release();
    return lock;
  },
  configSet: () => bottle.config('settings').set('limit', { max: 9007199254740993n }),
  configVersion: () => bottle.config('settings').version('limit'),
  configHistory: () => bottle.config('settings').history('limit'),
  switchSet: () => bottle.switches('flags').set('on', { on: true }),
  switchOn: () => bottle.switches('flags').isOn('on'),
  snapshot: () => bottle.switches('flags').snapshot(['on']),
  objectPut: () =>
    bottle.objects('files').put('a/b.txt', 'stored', { contentType: 'text/plain', metadata: { a: 'b' } }),
  objectBody: async () => (await bottle.objects('files').get('a/b.txt')).body,
  objectList: () => bottle.objects('files').list({ prefix: 'a/' }),
  objectHead: () => bottle.objects('files').head('a/b.txt'),
  secretKeys: () => bottle.secrets('none').keys(),
  rpc: () => bottle.rpc.invoke('bigintEvent', 1),
};

export const answer = defineFunction.http((ctx) => CALLS[ctx.params['kind'] ?? '']?.());
