// What a message's fields take, and what they refuse: below, at and above each limit, and values of other types.
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { messageCodec } from './message-codec.ts';

const INTEGERS = 'int32 sint32 sfixed32 uint32 fixed32 int64 sint64 sfixed64 uint64 fixed64';
const SCALARS = `${INTEGERS} bool string bytes float double`.split(' ');
const KEYS = SCALARS.filter((type) => !['bytes', 'float', 'double'].includes(type));

const fields = SCALARS.flatMap((type, at) => [
  `${type} one_${type} = ${at + 1};`,
  `repeated ${type} many_${type} = ${at + 101};`,
  `map<string, ${type}> map_${type} = ${at + 201};`,
]);
const keyed = KEYS.map((type, at) => `map<${type}, int32> by_${type} = ${at + 301};`);
const { root } = protobuf.parse(`syntax = "proto3"; package t;
  enum Colour { NONE = 0; RED = 1; }
  message Inner { int32 n = 1; string constructor = 2; }
  message Message {
    ${[...fields, ...keyed].join('\n')}
    Colour colour = 401; Inner inner = 402; optional int32 note = 403; map<string, Inner> inners = 404;
    oneof place { string shelf = 405; int32 bay = 406; }
    string constructor = 407; Inner toString = 408; string hasOwnProperty = 409;
  }`);
root.resolveAll();
const codec = messageCodec(root.lookupType('t.Message'));

const carried = (message: object): Record<string, unknown> =>
  codec.decode(codec.encode(message)) as Record<string, unknown>;

interface Values {
  /** As they come out, where that is not what went in. */
  takes: readonly (readonly [given: unknown, got?: unknown])[];
  refuses: readonly unknown[];
}

const NEVER = [{}, [], new Date(0), () => 1, Symbol('s')];
const NO_NUMBER = ['', ' 1', '1.5', '0x1', 'abc', true, ...NEVER];
const signed32: Values = {
  takes: [[-(2 ** 31)], [2 ** 31 - 1], [0], [-1]],
  refuses: [-(2 ** 31) - 1, 2 ** 31, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1n, ...NO_NUMBER],
};
const unsigned32: Values = {
  takes: [[0], [2 ** 32 - 1]],
  refuses: [-1, 2 ** 32, 0.5, Number.NaN, 1n, ...NO_NUMBER],
};
const signed64: Values = {
  takes: [[-(2n ** 63n), '-9223372036854775808'], ['9223372036854775807'], [2 ** 53 - 1, '9007199254740991'], [0, '0']],
  refuses: [-(2n ** 63n) - 1n, 2n ** 63n, '9223372036854775808', 2 ** 53, 1.5, Number.NaN, ...NO_NUMBER],
};
const unsigned64: Values = {
  takes: [[2n ** 64n - 1n, '18446744073709551615'], ['18446744073709551615'], [0n, '0'], [1, '1']],
  refuses: [-1, -1n, '-1', 2n ** 64n, '18446744073709551616', 2 ** 53, 0.1, ...NO_NUMBER],
};
const TABLE: Readonly<Record<string, Values>> = {
  int32: signed32,
  sint32: signed32,
  sfixed32: signed32,
  uint32: unsigned32,
  fixed32: unsigned32,
  int64: signed64,
  sint64: signed64,
  sfixed64: signed64,
  uint64: unsigned64,
  fixed64: unsigned64,
  bool: { takes: [[true], [false]], refuses: [0, 1, 'true', '', 1n, ...NEVER] },
  string: { takes: [[''], ['ü🙂'], ['\0']], refuses: ['\ud800', 'a\udc00', 1, 1n, false, ...NEVER] },
  bytes: {
    takes: [
      [Buffer.from([0, 255])],
      [new Uint8Array([1]), Buffer.from([1])],
      ['aGk=', Buffer.from('hi')],
      ['', Buffer.alloc(0)],
    ],
    refuses: ['ä', 'a', 'a b', 'AAAA=', 'AA=', 1, 1n, true, ...NEVER],
  },
  float: {
    takes: [[1.5], [0], [Number.NaN], [Number.POSITIVE_INFINITY], ['NaN', Number.NaN], [3.4028234663852886e38]],
    refuses: [1e39, -1e39, 2 ** 128, 1n, '1', true, ...NEVER],
  },
  double: {
    takes: [[0.1], [-0], [1.7976931348623157e308], [Number.NaN], [Number.NEGATIVE_INFINITY]],
    refuses: [1n, '1', '', true, ...NEVER],
  },
};

describe.each(SCALARS)('%s', (type) => {
  const { takes, refuses } = TABLE[type] ?? { takes: [], refuses: [] };
  const [one, many, map] = [`one${upper(type)}`, `many${upper(type)}`, `map${upper(type)}`];
  it('takes what fits, alone, in lists and in maps', () => {
    for (const [given, got = given] of takes) {
      const message = carried({ [one]: given, [many]: [given], [map]: { k: given } });
      expect(message[one]).toEqual(got);
      expect(message[many]).toEqual([got]);
      expect(message[map]).toEqual({ k: got });
    }
  });
  it('refuses everything else by the path of the field', () => {
    for (const given of refuses) {
      expect(() => codec.encode({ [one]: given })).toThrow(`Message.${one}: `);
      expect(() => codec.encode({ [many]: [given] })).toThrow(`Message.${many}.0: `);
      expect(() => codec.encode({ [map]: { k: given } })).toThrow(`Message.${map}.k: `);
    }
  });
  it('is not there for undefined and null', () => {
    const none = carried({});
    for (const given of [undefined, null]) expect(carried({ [one]: given })).toEqual(none);
  });
});

describe.each(KEYS)('a map with keys of %s', (type) => {
  const name = `by${upper(type)}`;
  const { takes } = TABLE[type] ?? { takes: [] };
  it('takes those that fit, of an object and of a Map', () => {
    for (const [given] of takes) {
      const expected = { [String(given)]: 5 };
      expect(carried({ [name]: new Map([[given, 5]]) })[name]).toEqual(expected);
      expect(carried({ [name]: expected })[name]).toEqual(expected);
    }
  });
  it('refuses others', () => {
    const wrong = type === 'string' ? ['\ud800'] : ['abc', '', '1.5', '99999999999999999999999'];
    for (const key of wrong) expect(() => codec.encode({ [name]: { [key]: 1 } })).toThrow(`Message.${name}, key: `);
  });
});

describe('other fields', () => {
  it('have names that every object has, and nothing of what every object has', () => {
    expect(carried({ note: 1 })).toMatchObject({ constructor: '', toString: null, hasOwnProperty: '', note: 1 });
    const message = { constructor: 'a', toString: { n: 1, constructor: 'b' }, hasOwnProperty: 'c' };
    expect(carried(message)).toMatchObject(message);
  });
  it('keep keys of maps whatever they are called', () => {
    const keys = ['__proto__', 'constructor', 'toString', ''];
    const map = new Map(keys.map((key, at) => [key, { n: at, constructor: '' }]));
    const { inners } = carried({ inners: map }) as { inners: object };
    expect(Object.entries(inners)).toEqual([...map]);
  });
  it('are one of each oneof, and enums that there are, or could be', () => {
    expect(carried({ shelf: 'a', bay: undefined })).toMatchObject({ place: 'shelf' });
    expect(carried({ bay: 0 })).toMatchObject({ place: 'bay' });
    expect(() => codec.encode({ shelf: 'a', bay: 1 })).toThrow('Message: expected one of place, got shelf and bay');
    expect(carried({ colour: 1 })).toMatchObject({ colour: 'RED' });
    expect(carried({ colour: 7 })).toMatchObject({ colour: 7 });
    for (const colour of ['BLUE', 'constructor', 2 ** 31, 0.5, true])
      expect(() => codec.encode({ colour })).toThrow('Message.colour: expected one of Colour');
  });
});

it('takes nothing for a message that is none, though it lacks no field', () => {
  const none = [Promise.resolve(1), new Set([1]), new Headers(), new Date(), new Error('x'), /x/, new Map()];
  for (const inner of none) expect(() => codec.encode({ inner })).toThrow('Message.inner: expected a Inner');
  for (const inners of none.filter((value) => !(value instanceof Map)))
    expect(() => codec.encode({ inners })).toThrow('Message.inners: expected an object or a Map');
  for (const high of [0.5, 'b', undefined, Number.NaN, 1n])
    expect(() => codec.encode({ oneInt64: { low: 1, high } })).toThrow('Message.oneInt64: expected a whole number');
});

it('ends where a message is in itself', () => {
  const trees = protobuf.parse('syntax = "proto3"; message Tree { Tree left = 1; }').root;
  trees.resolveAll();
  const type = trees.lookupType('Tree');
  const tree: { left?: object } = {};
  tree.left = tree;
  expect(() => messageCodec(type).encode(tree)).toThrow('Tree: deeper than 100 messages, or in itself');
});

/** "int32" → "Int32", as the field's name is made. */
function upper(type: string): string {
  return type.charAt(0).toUpperCase() + type.slice(1);
}
