-- Grants to customers' environments, with whose they are and who approved, as far as that is somebody of staff: by the key
-- or an address of a record. Several records may be one person's; of several persons nobody can say which. Names only
-- where the caller may see persons, and of nobody whose data are restricted. The reader is told by their address.
-- grain: one row per grant
-- holds persons
with asked as (
    select holder as told from access_grant
    union
    select approver from access_grant
    union
    select cast(:reader as varchar(320))
),
of_staff as (
    select
        record.record_id, record.source_key, record.email_key, basis_status.person_id, basis_status.status,
        basis_status.restricted
    from record
    inner join basis_record on basis_record.record_id = record.record_id
    inner join basis_status on basis_status.basis_id = basis_record.basis_id
    where basis_status.category in ('EMPLOYEE', 'CONTRACTOR')
),
known as (
    select source_key as told, person_id, status, restricted
    from of_staff
    where source_key in (select told from asked)
    union all
    select email_key, person_id, status, restricted
    from of_staff
    where email_key in (select told from asked)
    union all
    select further.key, of_staff.person_id, of_staff.status, of_staff.restricted
    from of_staff
    inner join further_identifier as further on further.record_id = of_staff.record_id and further.kind = 'email'
    where further.key in (select told from asked)
),
staff as (
    select
        told,
        min(person_id) as person_id,
        count(distinct person_id) as persons,
        count(case when status = 'ACTIVE' then 1 end) as active,
        count(case when status = 'UNDETERMINED' then 1 end) as undetermined,
        count(case when restricted then 1 end) as restricted
    from known
    group by told
)
select
    access_grant.source,
    access_grant.dataset,
    access_grant.grant_key,
    access_grant.environment_key,
    access_grant.holder,
    access_grant.holder_erased,
    case when held.persons = 1 then held.person_id end as person_id,
    case
        when access_grant.holder_erased then 'erased'
        when access_grant.holder is null or held.persons is null then 'unknown'
        when held.persons > 1 then 'several'
        when held.active > 0 then 'staff'
        when held.undetermined > 0 then 'unsure'
        else 'left'
    end as holder_is,
    case when cast(:named as boolean) and held.persons = 1 and held.restricted = 0 then person.name end as name,
    coalesce(held.restricted > 0, false) as restricted,
    coalesce(held.person_id = reader.person_id, false) as is_readers,
    access_grant.account,
    access_grant.purpose,
    access_grant.ticket,
    access_grant.approver,
    case when approved.persons = 1 then approved.person_id end as approver_id,
    access_grant.granted_on,
    access_grant.valid_until,
    access_grant.reviewed_on,
    access_grant.revoked_on,
    access_grant.unread
from access_grant
left join staff as held on held.told = access_grant.holder
left join staff as approved on approved.told = access_grant.approver
left join staff as reader on reader.told = cast(:reader as varchar(320))
left join person on person.person_id = case when cast(:named as boolean) and held.persons = 1 then held.person_id end
order by access_grant.environment_key, access_grant.grant_key, access_grant.source
