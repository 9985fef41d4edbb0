// Frostnet: looking up names, faster
// MIT license; Copyright (c) 2026 The Frostnet authors

#include <string.h>

#include "board.h"
#include "map.h"
#include "py/mpstate.h"

// A third of what the interpreter does is to look up names in dictionaries: of attributes in an
// object, and, when they are not there, in its class. MicroPython remembers one place for each name,
// which fails where several classes use a name in different places; and to find that a name is not
// there it looks through all of an object's dictionary, because a dictionary grows when it is full.

// Where a name was found in a dictionary of a given size: the objects of a class have dictionaries
// of one size, with their names in the same places. A hint, to be checked.
uint16_t map_places[MAP_PLACES];

// Names that are not in a dictionary. This is relied on: it holds until the name is added, which
// only mp_map_lookup() does to a dictionary that is a hash table and owns it, or the memory of the
// dictionary becomes another one, which takes the garbage collector.
map_miss_t map_misses[MAP_MISSES];

// How large the dictionary of a class's object was when its __init__() had run, or when it grew: the next
// one begins with that, in place of growing there in steps, and with what fits into the same blocks of
// the heap. More is for objects that need it, not for all that come after one of them. A class that was
// here before does no harm.
#define SIZES (256)
#define SIZE_MAX_GIVEN (48)
static struct {
    const mp_obj_type_t *type;
    size_t size;
} sizes[SIZES];

// Dictionaries of this size are looked through faster than hashed.
#define SMALL (64)

// MicroPython's own, see MICROPY_WRAP_MP_MAP_LOOKUP.
mp_map_elem_t *map_lookup_any(mp_map_t *map, mp_obj_t index, mp_map_lookup_kind_t kind);

void map_forget(void) {
    memset(map_misses, 0, sizeof(map_misses));
}

static size_t size_of(const mp_obj_type_t *type) {
    return (uintptr_t)type / MICROPY_BYTES_PER_GC_BLOCK % SIZES;
}

size_t map_size_for(const mp_obj_type_t *type) {
    size_t i = size_of(type);
    return sizes[i].type == type ? sizes[i].size : 0;
}

void map_made(const mp_obj_type_t *type, const mp_map_t *members) {
    size_t i = size_of(type);
    sizes[i].type = type;
    sizes[i].size = MIN((members->alloc + MAP_BLOCK - 1) / MAP_BLOCK * MAP_BLOCK, SIZE_MAX_GIVEN);
}

// Four at a time, because jumps cost more than comparisons.
static mp_map_elem_t *find(mp_map_t *map, mp_obj_t name) {
    mp_map_elem_t *elem = map->table;
    mp_map_elem_t *end = elem + map->alloc;
    while (end - elem >= 4
           && !((elem[0].key == name) | (elem[1].key == name) | (elem[2].key == name) | (elem[3].key == name))) {
        elem += 4;
    }
    for (; elem < end; ++elem) {
        if (elem->key == name) {
            return elem;
        }
    }
    return NULL;
}

mp_map_elem_t *mp_map_lookup(mp_map_t *map, mp_obj_t index, mp_map_lookup_kind_t kind) {
    if (kind == MP_MAP_LOOKUP_REMOVE_IF_FOUND || !mp_obj_is_qstr(index)) {
        return map_lookup_any(map, index, kind);
    }
    mp_map_elem_t *elem = map_known(map, index);
    if (elem != NULL) {
        return elem;
    }
    if (kind == MP_MAP_LOOKUP && map_known_missing(map, index)) {
        return NULL;
    }
    // A key that is no qstr may be equal to one: only MicroPython's lookup compares them.
    if (kind == MP_MAP_LOOKUP && map->all_keys_are_qstrs && map->alloc <= SMALL && !map->is_ordered) {
        elem = find(map, index);
    } else {
        elem = map_lookup_any(map, index, kind);
    }
    map_miss_t *miss = map_miss_of(map, index);
    if (elem == NULL) {
        if (!map->is_fixed && !map->is_ordered) {
            miss->map = map;
            miss->name = index;
        }
    } else {
        if (miss->map == map) {
            miss->map = NULL; // added, perhaps
        }
        if ((size_t)(elem - map->table) <= UINT16_MAX) {
            *map_place_of(map, index) = elem - map->table;
        }
    }
    return elem;
}
