// For the end-to-end test: the shop's mobile app, as far as it matters here.
import { GatewayClient } from 'bottle-sdk/gateway-client';
import type { CartView } from './store/carts.ts';
import type { Pod } from './start-pod.ts';

export interface MobileApp {
  /** Puts so many more of an item into the cart. */
  addToCart(itemId: string, quantity?: number): Promise<CartView>;
}

/** An app with a cart of its own. Everybody knows the secret in sidecar.yml; a real one comes with the app's build. */
export function openMobileApp({ url }: Pick<Pod, 'url'>, secret: string = 'known to everybody'): MobileApp {
  const gateway = new GatewayClient({ url: `${url}/gw`, appKey: 'mobile', secret, device: 'e2e' });
  let cartId: string | undefined;
  return {
    async addToCart(itemId, quantity = 1) {
      const data = { cartId, itemId, quantity };
      const cart = await gateway.call<CartView & { cartId: string }>('store.cart.add', '1.0', data);
      cartId = cart.cartId;
      return cart;
    },
  };
}
