import { env } from 'cloudflare:workers'
import { routeBattery } from '../../shared/testing/battery'
import { app } from './routes'

const access = ['seller', 'admin'] as const
const paths = ['', '/sales', '/top-products', '/low-stock'].map((below) => `/v1/seller/dashboard${below}`)

routeBattery(
  app,
  (request) => app.fetch(request, env),
  paths.map((path) => ({ route: `GET ${path}`, access, path })),
)
