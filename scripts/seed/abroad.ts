import type { SeedSeller } from './seller.ts'

/** Sellers in other currencies, whose products come in more than one kind of option. */
export const abroad: SeedSeller[] = [
  {
    email: 'audio@example.com',
    name: 'Jonas Brandt',
    storeName: 'Brandt Audio',
    currency: 'EUR',
    ordersPerDay: 1,
    categories: {
      audio: [
        [
          'Studio headphones',
          'Closed back, replaceable ear pads.',
          'headphones studio music',
          18_900,
          14,
          { colour: { Graphite: 0, Cream: 0 }, plug: { '3.5 mm': 0, '6.3 mm': 500 } },
        ],
        [
          'Pocket music player',
          'Plays lossless files for thirty hours.',
          'music player audio',
          24_900,
          10,
          { capacity: { '64 GB': 0, '256 GB': 6_000, '1 TB': 15_000 } },
        ],
        [
          'Active loudspeakers',
          'A pair with an amplifier inside.',
          'loudspeaker music audio',
          39_900,
          6,
          { finish: { Matte: 0, Lacquered: 4_000 } },
        ],
      ],
    },
  },
  {
    email: 'stationery@example.com',
    name: 'Hana Mori',
    storeName: 'Kumo Stationery',
    currency: 'JPY',
    ordersPerDay: 1,
    categories: {
      stationery: [
        [
          'Fountain pen',
          'Resin barrel and a steel nib.',
          'pen writing fountain',
          8_800,
          20,
          { nib: { Fine: 0, Medium: 0, Broad: 0 }, colour: { Plum: 0, Jade: 0 } },
        ],
        [
          'Dotted notebook',
          '192 numbered pages, thread-bound.',
          'notebook dotted stationery',
          1_980,
          80,
          { size: { A6: 0, A5: 600 }, ruling: { Dots: 0, Grid: 0 } },
        ],
        [
          'Sumi ink',
          'Pine soot ink for calligraphy.',
          'ink calligraphy stationery',
          1_320,
          45,
          { volume: { '30 ml': 0, '180 ml': 2_200 } },
        ],
      ],
    },
  },
  {
    email: 'textiles@example.com',
    name: 'Priya Raman',
    storeName: 'Indigo Loom',
    currency: 'INR',
    ordersPerDay: 1,
    categories: {
      textiles: [
        [
          'Block-printed quilt',
          'Quilted by hand, printed with vegetable dye.',
          'quilt textile printed',
          449_900,
          12,
          { colour: { Indigo: 0, Madder: 0 }, size: { Single: 0, Double: 150_000 } },
        ],
        [
          'Handloom scarf',
          'Woven on a pit loom, fringed ends.',
          'scarf handloom textile',
          149_900,
          34,
          { material: { Cotton: 0, Silk: 120_000 } },
        ],
        [
          'Jute rug',
          'Braided jute, reversible.',
          'rug jute textile',
          329_900,
          9,
          { size: { '90 x 150 cm': 0, '150 x 240 cm': 420_000 } },
        ],
      ],
    },
  },
  {
    email: 'books@example.com',
    name: 'Owen Price',
    storeName: 'Harbour Press',
    currency: 'GBP',
    ordersPerDay: 1,
    categories: {
      literature: [
        [
          'Field guide to clouds',
          'Ninety kinds of cloud in watercolour.',
          'guide clouds weather',
          1_800,
          40,
          { language: { English: 0, French: 0, German: 0 }, format: { Paperback: 0, Hardback: 900 } },
        ],
        [
          'Atlas of small islands',
          'Maps and letters from fifty islands.',
          'atlas islands maps',
          2_900,
          18,
          { language: { English: 0, Spanish: 0 } },
        ],
      ],
    },
  },
]
