import { AppError } from '../../shared/contracts/errors'
import type { App } from '../../shared/http/app'
import { localOnly } from '../../shared/http/authorise'
import type { Deps } from './deps'
import { drawPicture } from './drawing'

const headers = {
  'content-type': 'image/svg+xml',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  // Shown by a shop that is served from another port.
  'cross-origin-resource-policy': 'cross-origin',
}

/** The pictures of the seed. The name says all that is in one, so none is stored: `furniture.walnut-writing-desk.1.svg`. */
export function pictureRoute(app: App<ProductEnv, Deps>): void {
  app.use('/v1/dev/*', localOnly)
  app.get('/v1/dev/pictures/:name', (c) => {
    const [, category, title, view] = /^([a-z0-9-]{1,60})\.([a-z0-9-]{1,200})\.([1-9])\.svg$/.exec(c.req.param('name')) ?? []
    if (category === undefined || title === undefined) throw new AppError('not_found')
    return c.body(drawPicture(category, title, Number(view)), 200, headers)
  })
}
