/** What stands for a category, in a square of 100; `a` and `b` are the classes of the two colours. */
const motifs: Record<string, string> = {
  furniture:
    '<path class="a" d="M14 42h72v8H14z"/><path class="b" d="M20 50h6v34h-6zM74 50h6v34h-6z"/><path class="a" d="M52 50h20v16H52z"/><circle class="b" cx="62" cy="58" r="2"/>',
  lighting:
    '<path class="b" d="M49 6h2v26h-2z"/><path class="a" d="M32 32h36l14 30H18z"/><circle class="b" cx="50" cy="66" r="8"/>',
  kitchen:
    '<path class="a" d="M16 44h60v12a24 24 0 0 1-24 24H40a24 24 0 0 1-24-24z"/><path class="b" d="M76 46h18v7H76zM12 38h68v6H12z"/>',
  pantry: '<rect class="a" x="28" y="30" width="44" height="56" rx="9"/><path class="b" d="M32 16h36v12H32zM28 48h44v20H28z"/>',
  outdoor: '<path class="b" d="M62 26l32 58H30z"/><path class="a" d="M40 36l34 48H6z"/><path class="b" d="M40 56l10 28H30z"/>',
  apparel:
    '<path class="a" d="M34 18l-24 16 10 16 10-6v40h40V44l10 6 10-16-24-16a16 12 0 0 1-32 0z"/><path class="b" d="M30 70h40v6H30z"/>',
  audio:
    '<path class="b" d="M14 60a36 36 0 0 1 72 0h-8a28 28 0 0 0-56 0z"/><rect class="a" x="12" y="56" width="18" height="28" rx="7"/><rect class="a" x="70" y="56" width="18" height="28" rx="7"/>',
  stationery:
    '<rect class="a" x="22" y="16" width="46" height="68" rx="4"/><path class="b" d="M28 16h5v68h-5zM78 20h7v46l-3.500 14L78 66z"/>',
  textiles:
    '<path class="a" d="M18 18h64v58H18z"/><path class="b" d="M18 26h64v5H18zM18 40h64v10H18zM18 60h64v5H18zM22 76h3v10h-3zM36 76h3v10h-3zM50 76h3v10h-3zM64 76h3v10h-3zM76 76h3v10h-3z"/>',
  literature: '<path class="a" d="M8 26q21-10 42 2v54q-21-12-42-2z"/><path class="b" d="M92 26q-21-10-42 2v54q21-12 42-2z"/>',
}
const anyMotif = '<path class="a" d="M20 34l30-16 30 16v34L50 84 20 68z"/><path class="b" d="M50 50l30-16v34L50 84z"/>'

/** FNV-1a. Source: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv-17.html */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return value >>> 0
}

/** A picture of a product as SVG, of shapes and colours alone. Its names determine it; each view shows it from nearer. */
export function drawPicture(category: string, title: string, view: number): string {
  const seed = hash(`${category}.${title}`)
  const hue = seed % 360
  const accent = (hue + 40 + ((seed >>> 9) % 140)) % 360
  const radius = 38 + ((seed >>> 17) % 12)
  const motif = Object.hasOwn(motifs, category) ? motifs[category] : anyMotif
  const scale = 4.5 + view
  const turn = ((seed >>> 21) % 9) - 4 + (view - 1) * 12
  const style = `.g{fill:hsl(${hue} 40% 92%)}.d{fill:hsl(${accent} 45% 84%)}.a{fill:hsl(${hue} 48% 42%)}.b{fill:hsl(${accent} 42% 28%)}`
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800">',
    `<style>${style}</style><path class="g" d="M0 0h800v800H0z"/>`,
    `<circle class="d" cx="${300 + (seed % 200)}" cy="${300 + ((seed >>> 5) % 200)}" r="${radius * 7}"/>`,
    '<ellipse class="d" cx="400" cy="690" rx="300" ry="36"/>',
    `<g transform="translate(400 400) rotate(${turn}) scale(${scale}) translate(-50 -50)">${motif}</g></svg>`,
  ].join('')
}
