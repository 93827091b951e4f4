import { defineFunction } from 'bottle-sdk';

export const wrong = defineFunction.http((ctx) => {
  switch (ctx.params['kind']) {
    case 'set':
      ctx.set('x-greeting', 'to 世界');
      break;
    case 'append':
      ctx.append('x-list', ['fine', 'a\r\nx-evil: 1']);
      break;
    case 'name':
      ctx.set('x bad', '1');
      break;
    case 'cookie':
      ctx.cookies.set('session', '1', { domain: 'a\nb' });
      break;
    case 'response':
      return new Response('x', { headers: { 'x-control': 'a\u0001b' } });
    default:
      ctx.set('x-fine', 'grüße');
  }
  return 'sent';
});
