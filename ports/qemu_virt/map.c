// Frostnet: looking up names, faster
// MIT license; Copyright (c) 2026 The Frostnet authors

#include <string.h>

#include "board.h"
#include "py/mpstate.h"
#include "py/obj.h"

// A third of what the interpreter does is to look up names in dictionaries: of attributes in an
// object, and, when they are not there, in its class. MicroPython remembers one place for each name,
// which fails where several classes use a name in different places; and to find that a name is not
// there it looks through all of an object's dictionary, because a dictionary grows when it is full.

#define PLACES (8192)
#define MISSES (2048)

// Where a name was found in a dictionary of a given size: the objects of a class have dictionaries
// of one size, with their names in the same places. A hint, to be checked.
static uint16_t places[PLACES];

// Names that are not in a dictionary. This is relied on: it holds until the name is added, which
// only mp_map_lookup() does to a dictionary that is a hash table and owns it, or the memory of the
// dictionary becomes another one, which takes the garbage collector.
static struct {
    mp_map_t *map;
    mp_obj_t name;
} misses[MISSES];

// MicroPython's own, see MICROPY_WRAP_MP_MAP_LOOKUP.
mp_map_elem_t *map_lookup_any(mp_map_t *map, mp_obj_t index, mp_map_lookup_kind_t kind);

void map_forget(void) {
    memset(misses, 0, sizeof(misses));
}

mp_map_elem_t *mp_map_lookup(mp_map_t *map, mp_obj_t index, mp_map_lookup_kind_t kind) {
    if (kind == MP_MAP_LOOKUP_REMOVE_IF_FOUND || !mp_obj_is_qstr(index)) {
        return map_lookup_any(map, index, kind);
    }
    uintptr_t name = (uintptr_t)index >> 3;
    uint16_t *place = &places[(name + map->alloc * 613) % PLACES];
    if (*place < map->alloc && map->table[*place].key == index) {
        return &map->table[*place];
    }
    size_t i = (name + ((uintptr_t)map >> 4) * 31) % MISSES;
    if (kind == MP_MAP_LOOKUP && misses[i].map == map && misses[i].name == index) {
        return NULL;
    }
    mp_map_elem_t *elem = map_lookup_any(map, index, kind);
    if (elem == NULL) {
        if (!map->is_fixed && !map->is_ordered) {
            misses[i].map = map;
            misses[i].name = index;
        }
    } else {
        if (misses[i].map == map) {
            misses[i].map = NULL; // added, perhaps
        }
        if ((size_t)(elem - map->table) <= UINT16_MAX) {
            *place = elem - map->table;
        }
    }
    return elem;
}
