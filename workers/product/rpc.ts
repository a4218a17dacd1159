import { WorkerEntrypoint } from 'cloudflare:workers'
import type { VariantId } from '../../shared/contracts/ids'
import type { ProductApi, QuoteOptions } from '../../shared/contracts/product'
import { depsFrom } from './deps'
import { quote } from './queries'

export class ProductRpc extends WorkerEntrypoint<ProductEnv> implements ProductApi {
  quote(variantIds: VariantId[], options?: QuoteOptions) {
    return quote(depsFrom(this.env), variantIds, options)
  }
}
