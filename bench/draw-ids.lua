-- Draws referrals at random. Arguments after "--": the file of ids, the text before and after an id in the path,
-- how many ids are hot (0: none; else nine of ten requests go to the first so many), the seed, and, where each request has
-- another token, the file of tokens, which take turns in the place of "{token}".

local ids = {}
local head, middle, tail, hot
local tokens = { "" }
local turn = 0

function init(args)
  for id in io.lines(args[1]) do ids[#ids + 1] = id end
  local request_text = wrk.format("GET", args[2] .. "{id}" .. args[3])
  local from, to = request_text:find("{id}", 1, true)
  head, tail = request_text:sub(1, from - 1), request_text:sub(to + 1)
  middle = ""
  if args[6] then
    tokens = {}
    for token in io.lines(args[6]) do tokens[#tokens + 1] = token end
    from, to = tail:find("{token}", 1, true)
    middle, tail = tail:sub(1, from - 1), tail:sub(to + 1)
  end
  hot = tonumber(args[4])
  math.randomseed(tonumber(args[5]))
end

function request()
  local last = #ids
  if hot > 0 and math.random(10) < 10 then last = hot end
  turn = turn % #tokens + 1
  return head .. ids[math.random(last)] .. middle .. tokens[turn] .. tail
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"durationUs":%d,"requests":%d,"bytes":%d,"p50Us":%d,"p99Us":%d,"broken":%d,"refused":%d,"late":%d}\n',
    summary.duration, summary.requests, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write, errors.status, errors.timeout))
end
