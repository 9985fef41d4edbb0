// Frostnet: looking up names, faster
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "py/mpstate.h"
#include "py/obj.h"

// A third of what the interpreter does is to look up names in dictionaries. MicroPython remembers
// one place for each name, which fails where several classes use a name in different places, and
// it divides. This remembers the place of a name for each size of dictionary: the objects of a class
// have dictionaries of one size, with their names in the same places.

#define PLACES (8192)

// MicroPython's own, see MICROPY_WRAP_MP_MAP_LOOKUP.
mp_map_elem_t *map_lookup_any(mp_map_t *map, mp_obj_t index, mp_map_lookup_kind_t kind);

static uint16_t places[PLACES];

mp_map_elem_t *mp_map_lookup(mp_map_t *map, mp_obj_t index, mp_map_lookup_kind_t kind) {
    if (kind == MP_MAP_LOOKUP_REMOVE_IF_FOUND) {
        return map_lookup_any(map, index, kind);
    }
    uint16_t *place = &places[(((uintptr_t)index >> 3) + map->alloc * 613) % PLACES];
    if (*place < map->alloc && map->table[*place].key == index) {
        return &map->table[*place];
    }
    mp_map_elem_t *elem = map_lookup_any(map, index, kind);
    if (elem != NULL && (size_t)(elem - map->table) <= UINT16_MAX) {
        *place = elem - map->table;
    }
    return elem;
}
