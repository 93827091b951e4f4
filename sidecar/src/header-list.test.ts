import { describe, expect, it } from 'vitest';
import { addVary, changeField, valueOf } from './header-list.ts';

const vary = (...headers: string[]): string[] => {
  addVary(headers, 'origin');
  return headers;
};

describe('addVary', () => {
  it('adds to what is there, once', () => {
    expect(vary()).toEqual(['vary', 'origin']);
    expect(vary('vary', 'Accept')).toEqual(['vary', 'Accept, origin']);
    expect(vary('vary', 'accept , ORIGIN')).toEqual(['vary', 'accept , ORIGIN']);
    expect(vary('vary', '*')).toEqual(['vary', '*']);
    expect(vary('vary', '')).toEqual(['vary', 'origin']);
    expect(vary('vary', 'a', 'x', '1', 'vary', 'b')).toEqual(['vary', 'a', 'x', '1', 'vary', 'b, origin']);
    expect(vary('vary', 'x-origin')).toEqual(['vary', 'x-origin, origin']);
  });
});

describe('changeField', () => {
  it('changes or takes out every field of the name', () => {
    const headers = ['a', '1', 'b', 'a', 'a', '2'];
    changeField(headers, 'a', (value) => (value === '1' ? undefined : 'changed'));
    expect(headers).toEqual(['b', 'a', 'a', 'changed']);
    expect([valueOf(headers, 'a'), valueOf(headers, '1')]).toEqual(['changed', undefined]);
  });
});
