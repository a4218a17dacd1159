import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { drawPicture } from './drawing'
import { isLocalPicture } from './local-picture'
import { app } from './routes'

const get = (name: string, bindings = {}) =>
  app.fetch(new Request(`http://product/v1/dev/pictures/${name}`), { ...env, ...bindings } as unknown as ProductEnv)

describe('a picture of the seed', () => {
  it('is an SVG that runs and loads nothing', async () => {
    const response = await get('furniture.walnut-writing-desk.1.svg')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/svg+xml')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/)
    const text = await response.text()
    expect(text).toMatch(/^<svg xmlns="[^"]+" .*<\/svg>$/)
    expect(text).not.toMatch(/script|href|url\(|NaN|undefined/)
    expect(text.length).toBeLessThan(2_000)
  })

  it('is determined by its names, each of which changes it', () => {
    const pictures: Parameters<typeof drawPicture>[] = [
      ['furniture', 'desk', 1],
      ['furniture', 'chair', 1],
      ['kitchen', 'desk', 1],
      ['furniture', 'desk', 2],
      ['constructor', 'desk', 1],
    ]
    expect(new Set(pictures.map((names) => drawPicture(...names))).size).toBe(pictures.length)
    for (const names of pictures) expect(drawPicture(...names)).toBe(drawPicture(...names))
  })

  it.each(['desk.svg', 'a.b.0.svg', 'a.b.1.png', 'a.<b>.1.svg', `a.${'b'.repeat(201)}.1.svg`])('is not %s', async (name) =>
    expect((await get(name)).status).toBe(404),
  )

  it('is served in local runs only', async () =>
    expect((await get('furniture.desk.1.svg', { ENVIRONMENT: 'production' })).status).toBe(404))

  it('is the one image that need not be https, and only in a local run', () => {
    const url = 'http://127.0.0.1:8787/v1/dev/pictures/furniture.desk.1.svg'
    expect([isLocalPicture(url), isLocalPicture(url, 'production')]).toEqual([true, false])
    const others = [
      'http://127.0.0.1:8787/v1/products',
      'http://images.example/v1/dev/pictures/a.b.1.svg',
      'http://localhost@images.example/v1/dev/pictures/a.b.1.svg',
      'http://127.0.0.1:8787/v1/dev/pictures/../accounts',
    ]
    expect(others.filter((other) => isLocalPicture(other))).toEqual([])
  })
})
