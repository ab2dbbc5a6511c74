-- Says where one item stands on boards.
--
-- KEYS[1]  the state
-- ARGV[1]  what every key begins with
-- ARGV[2]  the kind
-- ARGV[3]  the member
-- ARGV[4+] the boards
-- Answers  false where there is no live generation, otherwise score and rank from 0 for
--          each board, both empty where the item is not on it
local call = redis.call
local live = call('HGET', KEYS[1], 'live')
if not live then return false end
local answer = {}
for i = 4, #ARGV do
  local board = ARGV[1] .. live .. ':' .. ARGV[2] .. ':' .. ARGV[i]
  local score = call('ZSCORE', board, ARGV[3])
  answer[#answer + 1] = score or ''
  answer[#answer + 1] = score and tostring(call('ZRANK', board, ARGV[3])) or ''
end
return answer
