import { endings } from './flows'
import { surviveCrashes } from './survive'

surviveCrashes('crashes in endings', endings)
