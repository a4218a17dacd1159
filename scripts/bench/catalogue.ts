import { withOutbox } from '../../shared/events/outbox.ts'
import { availabilityOf } from '../../workers/inventory/stock.ts'
import { drafted } from '../../workers/product/product.ts'

/** A catalogue of any size, the same each time: documents as the product and inventory Workers keep them, without their events. */

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const beganAt = Date.UTC(2026, 0, 1)
const stockOf = 1_000_000

const adjectives =
  'plain round tall small wide narrow folding woven carved brushed quiet warm pale dark oiled waxed light heavy'.split(' ')
const materials = 'oak walnut birch linen wool steel brass cane cotton glass paper clay stone leather cork'.split(' ')
const nouns =
  'table chair lamp shelf desk bench stool basket rug blanket bowl vase mirror clock tray hook rack board pillow curtain'.split(
    ' ',
  )
export const categories = 'furniture lighting kitchen textiles storage decor garden office bath kids'.split(' ')

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T

/** A number that looks random and is always the same for the same seed. */
function scrambled(seed: number): number {
  let value = (seed + 0x9e3779b9) | 0
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad)
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97)
  return (value ^ (value >>> 15)) >>> 0
}

function idOf(prefix: 'prd' | 'var', index: number): `${typeof prefix}_${string}` {
  let rest = index
  let text = ''
  for (let digit = 0; digit < 26; digit++) {
    text = alphabet[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return `${prefix}_${text}`
}

export const productIdOf = (index: number): string => idOf('prd', index + 1)
export const variantIdOf = (index: number): string => idOf('var', index + 1)

/** The queries of shoppers, the most frequent first. */
export const queries: readonly string[] = nouns.flatMap((noun) => [noun, ...materials.map((material) => `${material} ${noun}`)])

export function documentsOf(index: number, sellerId: `usr_${string}`) {
  const random = (which: number) => scrambled(index * 8 + which)
  const [adjective, material, noun] = [at(adjectives, random(1)), at(materials, random(2)), at(nouns, random(3))]
  const productId = productIdOf(index) as `prd_${string}`
  const variantId = variantIdOf(index) as `var_${string}`
  const details = drafted(
    {
      title: `${adjective} ${material} ${noun} ${index}`,
      description: `A ${adjective} ${noun} of ${material}, made for the ${at(categories, random(4))}; goes with ${at(materials, random(5))}.`,
      category: at(categories, random(6)),
      tags: [material, noun],
      images: [],
      status: 'active',
      variants: [{ sku: `BENCH-${index}`, price: { amount: 500 + (random(7) % 90_000), currency: 'USD' } }],
    },
    [variantId],
  )
  const createdAt = beganAt + index * 1000
  const levels = { available: stockOf, lowStockThreshold: 5 }
  const product = {
    ...withOutbox([]),
    _id: productId,
    sellerId,
    ...details,
    stock: { [variantId]: { availability: availabilityOf(levels), version: 0 } },
    createdAt,
    updatedAt: createdAt,
  }
  const stock = {
    ...withOutbox([]),
    _id: variantId,
    productId,
    sellerId,
    ...levels,
    held: 0,
    sold: 0,
    counts: 0,
    holds: [],
    openHolds: 0,
    confirmed: [],
    returned: [],
    publishedAvailability: availabilityOf(levels),
    journal: [],
  }
  return { product, stock }
}
