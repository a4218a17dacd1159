import { abroad } from './abroad.ts'
import type { SeedProduct, SeedSeller, SeedVariant } from './seller.ts'

/** Three sellers with ten products in each of six categories, in US dollars. The assistant's evaluation asks about each. */
const home: SeedSeller[] = [
  {
    email: 'seller@example.com',
    name: 'Mara Lindqvist',
    storeName: 'Nordic Oak',
    currency: 'USD',
    ordersPerDay: 6,
    categories: {
      furniture: [
        ['Walnut writing desk', 'Solid walnut with two dovetailed drawers and a cable slot.', 'walnut desk office', 64_900, 12],
        [
          'Oak dining table',
          'Seats six; oiled oak with rounded corners.',
          'oak table dining',
          89_900,
          6,
          { length: { '160 cm': 0, '200 cm': 18_000 } },
        ],
        [
          'Ash lounge chair',
          'Steam-bent ash frame with a wool cushion.',
          'ash chair lounge',
          42_500,
          9,
          { colour: { Natural: 0, Black: 2_500 } },
        ],
        ['Birch step stool', 'Two steps, folds flat, carries 120 kg.', 'birch stool kitchen', 7_900, 40],
        ['Cane sideboard', 'Sliding cane doors and adjustable shelves.', 'cane storage sideboard', 54_000, 5],
        [
          'Floating bookshelf',
          'Hidden brackets hold 25 kg of books.',
          'shelf books wall',
          8_900,
          60,
          { length: { '60 cm': 0, '90 cm': 2_000 } },
        ],
        ['Linen headboard', 'Padded, washable cover, mounts to the wall.', 'linen bedroom headboard', 23_900, 8],
        ['Entryway bench', 'Seat with a shoe shelf below.', 'bench hallway oak', 18_900, 14],
        ['Bar stool', 'Footrest in brushed steel, seat in oak.', 'stool bar oak', 14_900, 24],
        ['Nightstand', 'One drawer, one shelf, soft close.', 'bedroom nightstand oak', 12_900, 4],
      ],
      lighting: [
        ['Paper pendant lamp', 'Hand-folded washi, 45 cm across.', 'lamp pendant paper', 9_900, 30],
        ['Brass desk lamp', 'Weighted base and a dimmer on the cord.', 'lamp desk brass', 15_900, 18],
        ['Opal globe light', 'Mouth-blown opal glass for wall or ceiling.', 'lamp glass ceiling', 11_900, 22],
        ['Reading floor lamp', 'Swivel arm and warm 2700 K LED.', 'lamp floor reading', 21_900, 10],
        ['Concrete table lamp', 'Cast base, linen shade.', 'lamp table concrete', 8_400, 16],
        ['Battery lantern', 'Twelve hours of light, charges by USB-C.', 'lamp outdoor battery', 5_900, 75],
        ['Track light set', 'Three heads on one metre of track.', 'lamp track ceiling', 13_900, 11],
        ['Mushroom lamp', 'Steel, touch dimmer with three levels.', 'lamp table steel', 7_900, 3],
        ['String lights', 'Twenty warm bulbs, eight metres.', 'lamp outdoor string', 3_400, 120],
        ['Picture light', 'Slim arm that keeps heat off the canvas.', 'lamp picture wall', 10_400, 0],
      ],
    },
  },
  {
    email: 'kitchen@example.com',
    name: 'Tomás Ferreira',
    storeName: 'Casa Ferreira',
    currency: 'USD',
    ordersPerDay: 2,
    categories: {
      kitchen: [
        [
          'Carbon steel pan',
          'Seasoned with linseed oil, any hob.',
          'pan steel cooking',
          6_900,
          45,
          { diameter: { '24 cm': 0, '28 cm': 1_500 } },
        ],
        ["Chef's knife", 'Forged 21 cm blade, walnut handle.', 'knife steel walnut', 12_900, 20],
        ['End-grain cutting board', 'Maple blocks, feet of cork.', 'board maple cutting', 9_400, 15],
        [
          'Stoneware bowl',
          'Glazed by hand, safe in oven and dishwasher.',
          'bowl stoneware table',
          2_400,
          90,
          { colour: { Sand: 0, Slate: 0, Moss: 0 } },
        ],
        ['Pour-over set', 'Glass server, cone and forty filters.', 'coffee glass brewing', 4_900, 33],
        ['Cast iron casserole', 'Enamelled, 5 litres, for bread and stew.', 'pot iron cooking', 18_900, 9],
        ['Linen tea towels', 'Three towels with a hanging loop.', 'linen towel kitchen', 2_900, 70],
        ['Salt pig', 'Terracotta keeps salt dry and at hand.', 'salt terracotta kitchen', 2_200, 26],
        ['Copper kettle', 'Whistles at the boil, 1.5 litres.', 'kettle copper tea', 13_400, 7],
        ['Spice grinder', 'Ceramic burr, three jars.', 'spice grinder ceramic', 3_900, 2],
      ],
      pantry: [
        ['Extra virgin olive oil', 'Cold pressed from Cobrançosa olives, 500 ml.', 'oil olive portugal', 1_890, 200],
        ['Orange blossom honey', 'Raw, from one valley, 350 g.', 'honey raw sweet', 1_290, 140],
        ['Smoked paprika', 'Oak-smoked, sweet, in a tin.', 'spice paprika smoked', 690, 180],
        ['Sea salt flakes', 'Harvested by hand in the Ria Formosa.', 'salt sea flakes', 790, 160],
        ['Sardines in tomato', 'Six tins, packed by hand.', 'fish sardines tinned', 2_390, 95],
        [
          'Espresso beans',
          'Chocolate and hazelnut, roasted weekly.',
          'coffee beans espresso',
          1_690,
          80,
          { weight: { '250 g': 0, '1 kg': 3_400 } },
        ],
        ['Fig jam', 'Black figs and lemon, nothing else.', 'jam fig sweet', 890, 110],
        ['Bomba rice', 'For paella, 1 kg in a cotton bag.', 'rice paella spain', 1_190, 65],
        ['Almond turrón', 'Soft, with 64 % almonds.', 'sweet almond nougat', 1_490, 5],
        ['Piri-piri sauce', "Bird's eye chillies and brandy.", 'sauce chilli hot', 990, 130],
      ],
    },
  },
  {
    email: 'outdoor@example.com',
    name: 'Aiko Tanabe',
    storeName: 'Ridge & River',
    currency: 'USD',
    ordersPerDay: 2,
    categories: {
      outdoor: [
        ['Two-person tent', 'Free-standing, 1.9 kg, opens on both sides.', 'tent camping light', 32_900, 13],
        [
          'Down sleeping bag',
          'Comfort to -4 °C, packs to three litres.',
          'sleeping down camping',
          27_900,
          11,
          { length: { Regular: 0, Long: 2_000 } },
        ],
        ['Trekking poles', 'Carbon, cork grips, folds to 38 cm.', 'poles hiking carbon', 11_900, 28],
        ['Titanium mug', 'Holds 450 ml and weighs 64 g.', 'mug titanium camping', 3_900, 85],
        [
          'Dry bag',
          'Roll top and taped seams.',
          'bag dry water',
          2_900,
          64,
          { capacity: { '10 l': 0, '20 l': 900, '35 l': 1_900 } },
        ],
        ['Gas stove', 'Boils a litre in three minutes.', 'stove gas camping', 6_400, 19],
        ['Headlamp', '400 lumens, red light, USB-C.', 'lamp head hiking', 5_400, 37],
        ['Wool blanket', 'Recycled wool, edges whipped.', 'blanket wool camping', 8_900, 21],
        ['Hammock', 'Straps included, carries 180 kg.', 'hammock camping light', 6_900, 17],
        ['Water filter', 'Screws on any bottle, 1,000 litres.', 'water filter hiking', 4_400, 4],
      ],
      apparel: [
        ['Merino base layer', '180 g merino, flat seams.', 'merino wool shirt', 7_900, 32, { size: { S: 0, M: 0, L: 0, XL: 0 } }],
        ['Rain shell', 'Three layers, 20,000 mm, pit zips.', 'jacket rain shell', 24_900, 18, { size: { S: 0, M: 0, L: 0 } }],
        ['Trail socks', 'Merino with a cushioned heel, one pair.', 'socks merino hiking', 1_900, 150],
        ['Waxed canvas cap', 'Sheds rain, ages well.', 'cap canvas hat', 3_400, 44],
        ['Fleece pullover', 'Recycled fleece, chest pocket.', 'fleece pullover warm', 8_400, 27, { size: { S: 0, M: 0, L: 0 } }],
        [
          'Hiking trousers',
          'Four-way stretch, dries in an hour.',
          'trousers hiking stretch',
          10_900,
          23,
          { waist: { 30: 0, 32: 0, 34: 0 } },
        ],
        ['Insulated vest', 'Fits under a shell, packs into its pocket.', 'vest insulated warm', 12_900, 12],
        ['Leather belt', 'Full grain, solid buckle.', 'belt leather', 5_900, 31],
        ['Wool beanie', 'Double layer, knitted in one piece.', 'beanie wool hat', 2_900, 58],
        ['Work gloves', 'Goat leather, elastic wrist.', 'gloves leather work', 3_900, 3],
      ],
    },
  },
]

/** What a local run sells. A cart holds one currency, so the products of a seller are all in theirs. */
export const sellers: SeedSeller[] = [...home, ...abroad]

/** The products of a seller as the API takes them, prices in minor units. */
export function productsOf(seller: SeedSeller): SeedProduct[] {
  return Object.entries(seller.categories).flatMap(([category, rows]) =>
    rows.map(([title, description, tags, price, stock, kinds = {}]) => ({
      title,
      description,
      category,
      tags: tags.split(' '),
      variants: Object.entries(kinds).reduce<SeedVariant[]>(
        (variants, [kind, choices]) => variants.flatMap((variant) => withChoices(variant, kind, choices)),
        [{ price, stock }],
      ),
    })),
  )
}

const withChoices = (
  { title, options, price, stock }: SeedVariant,
  kind: string,
  choices: Record<string, number>,
): SeedVariant[] =>
  Object.entries(choices).map(([choice, more]) => ({
    title: title === undefined ? choice : `${title}, ${choice}`,
    options: { ...options, [kind]: choice },
    price: price + more,
    stock,
  }))
